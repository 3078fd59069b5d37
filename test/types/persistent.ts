// How a persistent client is typed. Compiled, never run: each line that must not compile says why.
import { type BidiStream, type Client, connect, type Peer, type Stub } from "ttrpc";
import { persistent, type PersistentClient, type PersistentOptions } from "ttrpc/persistent";
import { is, same } from "./equal.js";
import { type ItemInit, type Receipt, Shop } from "./services.js";

export async function calls(): Promise<void> {
  await using client = persistent("/run/x.sock", { channel: "node", maxMessageBytes: 5, waitForReady: true, retry: "closed", backoff: { initialMs: 5 } });
  is<PersistentClient>()(client);
  const shop = client.service(Shop, { defaults: { timeoutMs: 5 } });
  same<typeof shop, Stub<typeof Shop>>();
  is<Promise<Receipt>>()(client.call("shop.v1.Shop", Shop.methods.buy, { id: "1" }));
  is<BidiStream<ItemInit, Receipt>>()(client.newStream("shop.v1.Shop", Shop.methods.haggle));
  is<Promise<void>>()(client.connected({ timeoutMs: 5 }));
  is<"idle" | "connecting" | "connected" | "closed">()(client.state);
  is<Promise<void>>()(client.closed);
  is<Peer>()(client.peer);
  is<number>()(client.ref().unref().stats().connections);

  // @ts-expect-error a connection is no more than what carries it for now
  client.channel;
  // @ts-expect-error call() is for unary methods
  await client.call("shop.v1.Shop", Shop.methods.haggle, {});
  // @ts-expect-error metadata is nothing to wait with
  await client.connected({ metadata: {} });
  // @ts-expect-error a PersistentClient is not a Client
  const one: Client = client;
  void one;
}

export function making(duplex: import("node:stream").Duplex): void {
  const options: PersistentOptions = { connectTimeoutMs: 5, signal: undefined, backoff: { initialMs: undefined } };
  persistent((signal) => connect("/run/x.sock", { signal }), options);
  persistent(() => connect(duplex));

  // @ts-expect-error a Duplex can be connected over once
  persistent(duplex);
  // @ts-expect-error what the function makes has options of its own
  persistent(() => connect("/run/x.sock"), { maxMessageBytes: 5 });
  // @ts-expect-error each connection ends, but the client does not
  persistent("/run/x.sock", { onClose: () => {} });
  // @ts-expect-error not one of the words
  persistent("/run/x.sock", { retry: "always" });
  // @ts-expect-error names carry units
  persistent("/run/x.sock", { backoff: { initial: 5 } });
  // @ts-expect-error the function is to make a client
  persistent(() => "/run/x.sock");
}
