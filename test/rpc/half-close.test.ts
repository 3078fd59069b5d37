// A client that ends its sending and reads on gets what it has asked for; Go's server drops it. One that is gone ends its
// calls at once. Over TCP the two look the same, and count as the second.
import assert from "node:assert/strict";
import { connect as netConnect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { it } from "node:test";
import { type HandlerContext, Server } from "ttrpc";
import { onEachChannel } from "../support/channels.js";
import { DATA, dataHex, echo, frame, RawPeer, replyHex, REQUEST, request, statusHex } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { onEachLink, rawClient } from "./links.js";

interface Gate {
  readonly open: () => void;
  readonly context: Promise<HandlerContext>;
  readonly register: (server: Server) => void;
}

/** A service whose handlers wait until the test lets them go. */
function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  let seen: (context: HandlerContext) => void = () => {};
  const context = new Promise<HandlerContext>((resolve) => (seen = resolve));
  return {
    open,
    context,
    register: (server) =>
      server.service(Peer, {
        async sleep({ seq, msg }, ctx) {
          seen(ctx);
          await opened;
          return { seq, msg };
        },
        async *count({ seq, msg }, ctx) {
          seen(ctx);
          await opened;
          for (let i = 0; i < seq; i++) yield { seq: i, msg };
        },
        async collect(messages, ctx) {
          seen(ctx);
          let seq = 0;
          for await (const _ of messages) seq++;
          return { seq };
        },
      }),
  };
}

const call = (streamId: number, method: string, payload: Buffer): Buffer => frame(streamId, REQUEST, 0, request(Peer.typeName, method, { payload }));

onEachLink("a client that half-closes", (link) => {
  it("gets the reply that is pending, then the end", async () => {
    const { open, context, register } = gate();
    await using client = await rawClient(link, register);
    await client.raw.send(call(1, "Sleep", echo(7, "late")));
    const { signal } = await context;
    client.raw.halfClose();
    await sleep(20);
    assert.equal(signal.aborted, false);
    open();
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(7, "late")));
    await client.raw.ended;
  });

  it("gets the stream that is running to its end, and calls beside it", async () => {
    const { open, context, register } = gate();
    await using client = await rawClient(link, register);
    await client.raw.send(call(1, "Count", echo(2, "x")), call(3, "Sleep", echo(5)));
    await context;
    client.raw.halfClose();
    await sleep(20);
    open();
    assert.deepEqual((await client.raw.take(4)).sort(), [dataHex(1, 0, echo(0, "x")), dataHex(1, 0, echo(1, "x")), dataHex(1, 5), replyHex(3, echo(5))].sort());
    await client.raw.ended;
  });

  it("is told that a stream which it had not ended is over", async () => {
    const { context, register } = gate();
    await using client = await rawClient(link, register);
    await client.raw.send(frame(1, REQUEST, 6, request(Peer.typeName, "Collect")), frame(1, DATA, 0, echo(1)));
    const { signal } = await context;
    client.raw.halfClose();
    assert.equal(await client.raw.nextHex(), statusHex(1, 1, "context canceled"));
    await client.raw.ended;
    assert.equal(signal.aborted, true);
  });

  it("with nothing pending, gets the end at once", async () => {
    await using client = await rawClient(link, gate().register);
    client.raw.halfClose();
    await client.raw.ended;
  });

  it("with what it sent just before", async () => {
    await using client = await rawClient(link, (server) => server.service(Streaming, { echo: async ({ seq, msg }) => ({ seq: seq + 1, msg }) }));
    const frames = Array.from({ length: 300 }, (_, i) => frame(i * 2 + 1, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echo(i) })));
    await client.raw.send(...frames);
    client.raw.halfClose();
    const replies = await client.raw.take(300);
    assert.equal(replies[299], replyHex(599, echo(300)));
    await client.raw.ended;
  });

  it("and then goes: its calls end, within the time of a probe", async () => {
    const { context, register } = gate();
    await using client = await rawClient(link, register);
    await client.raw.send(call(1, "Sleep", echo(1)));
    const { signal } = await context;
    client.raw.halfClose();
    await sleep(20);
    assert.equal(signal.aborted, false);
    client.raw.stream.destroy();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
});

onEachLink("a client that is gone", (link) => {
  it("ends its calls at once", async () => {
    const { context, register } = gate();
    await using client = await rawClient(link, register);
    await client.raw.send(call(1, "Sleep", echo(1)));
    const { signal } = await context;
    client.raw.stream.destroy();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
});

onEachChannel("over TCP", (channel) => {
  it("a half-close is the end", async () => {
    const { context, register } = gate();
    await using server = new Server({ channel });
    register(server);
    const { address } = await server.listen("tcp://127.0.0.1:0");
    const socket = netConnect(Number(address.split(":").at(-1)), "127.0.0.1");
    const raw = new RawPeer(socket);
    await raw.send(call(1, "Sleep", echo(1)));
    const { signal } = await context;
    raw.halfClose();
    await raw.ended;
    assert.equal(signal.aborted, true);
    raw.stream.destroy();
  });
});
