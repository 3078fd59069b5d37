// How calls are typed. Compiled, never run: each line that must not compile says why.
import {
  type BidiStream, type CallOptions, type Client, type ClientStream, Code, connect, ContextValues, contextKey, Metadata, type ReceiveStream, type Stub, TtrpcError,
} from "ttrpc";
import { is, same } from "./equal.js";
import { type Item, type ItemInit, type Order, type Receipt, Shop } from "./services.js";

export async function results(client: Client): Promise<void> {
  const shop = client.service(Shop);
  same<typeof shop, Stub<typeof Shop>>();
  is<Promise<Receipt>>()(shop.buy({ id: "1" }));
  is<Promise<Order>>()(shop.fill([{ sku: "a" }]));
  is<ClientStream<ItemInit, Order>>()(shop.fill());
  is<ReceiveStream<Item>>()(shop.list({}));
  is<ReceiveStream<Receipt>>()(shop.haggle([{ sku: "a" }]));
  is<BidiStream<ItemInit, Receipt>>()(shop.haggle());
  is<Receipt | undefined>()(await shop.haggle().recv());
  is<Promise<Receipt>>()(client.call("shop.v1.Shop", Shop.methods.buy, { id: "1" }));
  is<Promise<Receipt | undefined>>()(client.newStream("shop.v1.Shop", Shop.methods.haggle).recv());
  for await (const item of shop.list({ id: "1" })) is<Item>()(item);

  const item = await shop.list({}).recv();
  // A discriminated union narrows by its case.
  if (item?.state.case === "sold") is<bigint>()(item.state.value);
  if (item?.state.case === "reserved") is<string>()(item.state.value);
  // @ts-expect-error the value is not known without its case
  item?.state.value.length;
  // @ts-expect-error there may be no message
  item.sku;
}

export async function requests(client: Client): Promise<void> {
  const { buy, fill, list, haggle } = client.service(Shop);
  async function* items(): AsyncGenerator<ItemInit> {
    yield { sku: "a" };
  }
  await buy({});
  await buy({ id: "1", items: [{ sku: "a", price: 5n, state: { case: "sold", value: 1n } }] }, { timeoutMs: 5, metadata: { tenant: ["a", "b"] } });
  await fill(items());
  await fill(new Set([{ sku: "a" }]), { timeoutMs: 5 });
  fill({ timeoutMs: 5 });
  haggle(items(), {});
  haggle({ signal: AbortSignal.timeout(5) });

  // @ts-expect-error unknown field
  await buy({ idd: "1" });
  // @ts-expect-error wrong type of a field
  await buy({ id: 1 });
  // @ts-expect-error wrong type of a nested field: 64-bit integers are bigint
  await buy({ items: [{ price: 5 }] });
  // @ts-expect-error a value of another case
  await buy({ items: [{ state: { case: "sold", value: "1" } }] });
  // @ts-expect-error a unary call needs a message
  await buy();
  // @ts-expect-error a list of messages is not a message
  await buy([{ id: "1" }]);
  // @ts-expect-error a server stream needs its request
  list();
  // @ts-expect-error a message alone is no source of messages
  await fill({ sku: "a" });
  // @ts-expect-error a source of other messages
  await fill([{ id: "1" }]);
  // @ts-expect-error a source of strings
  haggle(["a"]);
  // @ts-expect-error unknown method
  client.service(Shop).steal({});
  // @ts-expect-error the method of Go's name
  client.service(Shop).Buy({});
}

export async function streams(client: Client): Promise<void> {
  const { buy, fill, list, haggle } = client.service(Shop);
  await using chat = haggle();
  await chat.send({ sku: "a" });
  await chat.closeSend();
  chat.cancel(new Error("enough"));

  // @ts-expect-error a bidi call is a stream, not a message
  (await haggle()).total;
  // @ts-expect-error a server stream is not a promise of a message
  (await list({})).sku;
  // @ts-expect-error with a source there is nothing to send by hand
  haggle([]).send({ sku: "a" });
  // @ts-expect-error with a source the reply is a promise
  fill([]).closeAndRecv();
  // @ts-expect-error a client stream has one reply, which closeAndRecv gives
  fill().recv();
  // @ts-expect-error what is sent is the input, not the output
  await chat.send({ total: 5n });
  // @ts-expect-error nothing to send on a server stream
  list({}).send({});
  // @ts-expect-error a promise is not iterable
  for await (const _ of buy({})) break;
}

export function options(client: Client): void {
  const { buy } = client.service(Shop, { interceptors: [], defaults: { timeoutMs: 5 } });
  const attempts = contextKey("attempts", 1);
  const values = new ContextValues().set(attempts, 2);
  is<number>()(values.get(attempts));
  const maybe: number | undefined = undefined;
  const all: CallOptions = { timeoutMs: maybe, signal: undefined, metadata: new Metadata([["a", "b"]]), values };
  void buy({}, all);

  // @ts-expect-error unknown option
  void buy({}, { timeout: 5 });
  // @ts-expect-error wrong type
  void buy({}, { timeoutMs: "5" });
  // @ts-expect-error a controller is not its signal
  void buy({}, { signal: new AbortController() });
  // @ts-expect-error metadata are strings
  void buy({}, { metadata: { attempt: 5 } });
  // @ts-expect-error the value of a key has the key's type
  values.set(attempts, "2");
  // @ts-expect-error unknown option of a stub
  client.service(Shop, { interceptor: [] });
}

export async function connecting(): Promise<void> {
  is<Promise<Client>>()(connect("unix:///run/x.sock", { defaultTimeoutMs: 5, busyPollMicros: "auto", channel: "node", onClose: (reason) => is<TtrpcError | undefined>()(reason) }));
  const client = await connect("/run/x.sock");
  is<TtrpcError | undefined>()(await client.closed);
  is<"native" | "node" | "memory">()(client.channel);
  is<number | undefined>()(client.peer.uid);
  client.unref().ref();

  // @ts-expect-error unknown option
  await connect("/run/x.sock", { timeoutMs: 5 });
  // @ts-expect-error an option of servers
  await connect("/run/x.sock", { maxConnections: 5 });
  // @ts-expect-error not one of the words
  await connect("/run/x.sock", { channel: "memory" });
  // @ts-expect-error neither a number nor "auto"
  await connect("/run/x.sock", { busyPollMicros: "always" });
  // @ts-expect-error a port alone is no address
  await connect(1024);
  // @ts-expect-error read-only
  client.channel = "node";
  // @ts-expect-error call() is for unary methods
  await client.call("shop.v1.Shop", Shop.methods.haggle, {});
  // @ts-expect-error the request is checked there, too
  await client.call("shop.v1.Shop", Shop.methods.buy, { sku: "a" });
}

export function errors(error: unknown): void {
  if (!(error instanceof TtrpcError)) return;
  is<Code>()(error.code);
  if (error.code === Code.NotFound) is<5>()(error.code);
  void new TtrpcError(Code.Aborted, "x", { cause: error, details: [{ typeUrl: "t", value: new Uint8Array() }] });
  // @ts-expect-error not a code
  void new TtrpcError(99, "x");
  // @ts-expect-error a name is not a code
  void new TtrpcError("NotFound", "x");
  // @ts-expect-error read-only
  error.code = Code.Ok;
}
