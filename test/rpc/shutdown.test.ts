// server.shutdown(): new work is refused, what is in flight is finished, and then everything is closed.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Code, connect, type Server, ServerClosedError } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { DATA, dataHex, echo, frame, replyHex, REQUEST, request, statusHex } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, type Gate, gate, type Link, onEachLink, type RawClient, rawClient, rejection, until } from "./links.js";

const CLOSED = [Code.Unavailable, "ttrpc: closed"];
const ask = (streamId: number, seq = 1): Buffer => frame(streamId, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echo(seq) }));

/** A server whose Echo waits for the test, and a client with one call in it. */
async function withCall(link: Link): Promise<RawClient & { readonly hold: Gate }> {
  const hold = gate();
  const client = await rawClient(link, (server) =>
    server.service(Streaming, {
      async echo({ seq }) {
        await hold.promise;
        return { seq: seq + 1 };
      },
    }),
  );
  await client.raw.send(ask(1));
  await until(() => client.server.stats().active === 1, "the call");
  return { ...client, hold, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

/** Whether a promise has settled by now. */
async function pending(promise: Promise<unknown>): Promise<boolean> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
  const still = Symbol("still");
  return (await Promise.race([promise.catch(() => {}), Promise.resolve(still)])) === still;
}

onEachLink("shutdown", (link) => {
  it("with exactly one call in flight: it is answered, then the connection ends", async () => {
    await using client = await withCall(link);
    const done = client.server.shutdown();
    assert.ok(await pending(done));
    client.hold.open();
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2)));
    await client.raw.ended;
    await done;
    const { connections, active } = client.server.stats();
    assert.deepEqual([connections, active], [0, 0]);
  });

  it("refuses new calls on a busy connection with code 14, and goes on", async () => {
    await using client = await withCall(link);
    const done = client.server.shutdown();
    await client.raw.send(ask(3), frame(5, REQUEST, 2, request(Streaming.typeName, "EchoStream")), frame(7, REQUEST, 0, request("no.Such", "X")));
    const refused = [3, 5, 7].map((streamId) => statusHex(streamId, Code.Unavailable, "ttrpc: server closed"));
    assert.deepEqual(await client.raw.take(3), refused);
    client.hold.open();
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2)));
    await done;
  });

  it("counts right after refused calls: a busy connection is not idle", async () => {
    await using client = await withCall(link);
    await client.raw.send(frame(3, REQUEST, 0, request("no.Such", "X")), frame(5, REQUEST, 0, request("no.Such", "X")), frame(2, DATA));
    await client.raw.take(3);
    const done = client.server.shutdown();
    assert.ok(await pending(done));
    client.hold.open();
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2)));
    await done;
  });

  it("closes idle connections at once", async () => {
    await using client = await withCall(link);
    const idle = await client.another();
    await idle.send(frame(1, REQUEST, 0, request("no.Such", "X")));
    assert.equal(await idle.nextHex(), statusHex(1, Code.Unimplemented, "service no.Such"));
    const done = client.server.shutdown();
    await idle.ended;
    assert.equal(client.server.stats().connections, 1);
    client.hold.open();
    await done;
  });

  it("without any connection, and before listen", async () => {
    await using client = await rawClient(link, register);
    client.raw.close();
    await until(() => client.server.stats().connections === 0, "the end of the connection");
    await client.server.shutdown();
    assert.ok((await rejection(client.server.listen(`unix://${freePath()}`))) instanceof ServerClosedError);
    assert.deepEqual(await failure(client.server.serve({} as never)), [Code.Unavailable, "ttrpc: server closed"]);
  });

  it("tells streams by shutdownSignal, with the reason; their own end is graceful", async () => {
    const reasons: unknown[] = [];
    const started = gate();
    await using client = await rawClient(link, (server) =>
      server.service(Peer, {
        async *count(_, { shutdownSignal, signal }) {
          started.open();
          await new Promise((resolve) => shutdownSignal.addEventListener("abort", resolve));
          reasons.push(shutdownSignal.reason);
          assert.equal(signal.aborted, false);
          yield { seq: 9 };
        },
      }),
    );
    await client.raw.send(frame(1, REQUEST, 1, request(Peer.typeName, "Count")));
    await started.promise;
    await client.server.shutdown();
    assert.deepEqual(await client.raw.take(2), [dataHex(1, 0, echo(9)), dataHex(1, 5)]);
    await client.raw.ended;
    assert.ok(reasons[0] instanceof ServerClosedError);
  });

  it("lets an open stream go on until it ends by itself", async () => {
    await using client = await rawClient(link, register);
    await client.raw.send(frame(1, REQUEST, 6, request(Peer.typeName, "Echo2")), frame(1, DATA, 0, echo(1)));
    assert.equal(await client.raw.nextHex(), dataHex(1, 0, echo(2)));
    const done = client.server.shutdown();
    await client.raw.send(frame(1, DATA, 0, echo(5)));
    assert.equal(await client.raw.nextHex(), dataHex(1, 0, echo(6)));
    assert.ok(await pending(done));
    await client.raw.send(frame(1, DATA, 5));
    assert.equal(await client.raw.nextHex(), dataHex(1, 5));
    await done;
  });

  it("is cut by timeoutMs, by a signal, by one that is aborted already, and by close()", async () => {
    const controller = new AbortController();
    const cuts: readonly ((server: Server) => Promise<void>)[] = [
      (server) => server.shutdown({ timeoutMs: 20 }),
      (server) => {
        const done = server.shutdown({ signal: controller.signal });
        controller.abort();
        return done;
      },
      (server) => server.shutdown({ signal: AbortSignal.abort() }),
      (server) => {
        const done = server.shutdown();
        void server.close();
        return done;
      },
    ];
    for (const cut of cuts) {
      const told = gate<unknown>();
      await using client = await rawClient(link, (server) =>
        server.service(Streaming, {
          echo: (_, { signal }) => {
            signal.addEventListener("abort", () => told.open(signal.reason));
            return new Promise(() => {});
          },
        }),
      );
      await client.raw.send(ask(1));
      await until(() => client.server.stats().active === 1, "the call");
      await cut(client.server);
      await client.raw.ended;
      assert.deepEqual(client.raw.unread, []);
      await told.promise;
      assert.equal(client.server.stats().connections, 0);
    }
  });

  it("twice, and close after it", async () => {
    await using client = await withCall(link);
    const both = [client.server.shutdown(), client.server.shutdown({ timeoutMs: 60_000 })];
    client.hold.open();
    await Promise.all(both);
    await client.server.shutdown();
    await client.server.close();
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2)));
  });

  it("sends a reply that its client is slow to read", async () => {
    await using client = await rawClient(link, register);
    client.raw.stopReading();
    const size = 3 << 20;
    await client.raw.send(frame(1, REQUEST, 0, request(Peer.typeName, "Blob", { payload: echo(size) })));
    await until(() => client.server.stats().queuedBytes > 0, "the queue");
    const done = client.server.shutdown();
    client.raw.startReading();
    assert.equal((await client.raw.next()).payload.length, size + 15);
    await done;
  });
});

onEachChannel("shutdown and its clients", (channel) => {
  it("a client's calls end as closed when they are cut; a new connection is refused", async () => {
    await using client = await withCall(channel);
    const { server } = client;
    const listener = await server.listen(`unix://${freePath()}`);
    await using other = await connect(listener.address, { channel });
    const call = failure(other.service(Streaming).echo({}));
    await until(() => server.stats().active === 2, "both calls");
    const done = server.shutdown({ timeoutMs: 100 });
    assert.equal((await failure(connect(listener.address, { channel })))[0], Code.NotFound);
    assert.deepEqual(await failure(other.service(Streaming).echo({})), [Code.Unavailable, "ttrpc: server closed"]);
    assert.deepEqual(await call, CLOSED);
    await done;
    assert.equal(await other.closed, undefined);
  });
});
