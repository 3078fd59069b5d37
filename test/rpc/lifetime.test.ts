// The end of a connection, of a client and of a server: by close, by dispose, by the peer; each once, whatever comes after.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ClosedError, Code, connect, Server, ServerClosedError, type TtrpcError } from "ttrpc";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { echo, FakeServer, frame, replyHex, REQUEST, request } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { failure, gate, onEachLink, pairOver, rawClient, rawServer, rejection, until } from "./links.js";

const CLOSED = [Code.Unavailable, "ttrpc: closed"];

onEachLink("a client", (link) => {
  it("closed twice, and disposed: onClose comes once, without a reason", async () => {
    const reasons: (TtrpcError | undefined)[] = [];
    await using server = await rawServer(link, { onClose: (reason) => reasons.push(reason) });
    const { client } = server;
    await Promise.all([client.close(), client.close()]);
    await client.close();
    await client[Symbol.asyncDispose]();
    assert.equal(await client.closed, undefined);
    assert.deepEqual(reasons, [undefined]);
    await server.raw.ended;
  });

  it("closed during calls: they fail as closed, and so do those made after; streams too", async () => {
    await using server = await rawServer(link);
    const { client, raw } = server;
    const peer = client.service(Peer);
    const chat = peer.echo2();
    const calls = [peer.fail({}), peer.collect([{}]), chat.recv(), peer.count({}).recv()].map(failure);
    await raw.take(5);
    await client.close();
    for (const call of calls) assert.deepEqual(await call, CLOSED);
    for (const made of [
      peer.fail({}),
      peer.count({}).recv(),
      peer.echo2().send({}),
      peer.collect([]),
      client.call(Peer.typeName, Peer.methods.fail, {}),
      chat.send({}),
    ]) {
      const error = await rejection(made);
      assert.ok(error instanceof ClosedError, String(error));
      assert.deepEqual([error.code, error.message], CLOSED);
    }
    const { active, queuedBytes } = client.stats();
    assert.deepEqual([active, queuedBytes], [0, 0]);
    chat.cancel();
    await chat.closeSend();
  });

  it("closed just after a call: the request still goes out", async () => {
    await using server = await rawServer(link);
    const call = failure(server.client.service(Peer).fail({ seq: 3 }));
    await server.client.close();
    assert.deepEqual(await call, CLOSED);
    assert.equal((await server.raw.next()).payload.toString("hex"), request(Peer.typeName, "Fail", { payload: echo(3) }).toString("hex"));
    await server.raw.ended;
  });

  it("closed with a peer that does not read: what is queued is dropped after a while", async () => {
    await using server = await rawServer(link);
    server.raw.stopReading();
    const call = failure(server.client.service(Peer).fail({ msg: "x".repeat(3 << 20) }));
    await server.client.close();
    assert.deepEqual(await call, CLOSED);
  });

  it("whose peer hangs up: all ends, once", async () => {
    const reasons: (TtrpcError | undefined)[] = [];
    await using server = await rawServer(link, { onClose: (reason) => reasons.push(reason) });
    const { client, raw } = server;
    const chat = client.service(Peer).echo2();
    const calls = [client.service(Peer).fail({}), chat.recv()].map(failure);
    await raw.take(2);
    raw.stream.end();
    for (const call of calls) assert.deepEqual(await call, CLOSED);
    assert.equal(await client.closed, undefined);
    assert.deepEqual(await failure(client.service(Peer).fail({})), CLOSED);
    assert.deepEqual(await failure(chat.send({})), CLOSED);
    await client.close();
    assert.deepEqual(reasons, [undefined]);
  });

  it("whose signal aborts: it closes; one that is aborted before never connects", async () => {
    const controller = new AbortController();
    await using server = await rawServer(link, { signal: controller.signal });
    const call = failure(server.client.service(Peer).fail({}));
    await server.raw.next();
    controller.abort(new Error("enough"));
    assert.deepEqual(await call, CLOSED);
    assert.equal(await server.client.closed, undefined);
    assert.deepEqual(await failure(rawServerless(controller.signal)), [Code.Canceled, "context canceled"]);
  });
});

const rawServerless = (signal: AbortSignal): Promise<unknown> => connect(`unix://${freePath()}`, { signal });

onEachChannel("a connection that breaks", (channel) => {
  it("says why: the system's error is the cause", async () => {
    await using fake = await FakeServer.listen();
    const client = await connect(fake.address, { channel });
    const raw = await fake.accept();
    raw.stopReading();
    const call = rejection(client.service(Peer).fail({ msg: "x".repeat(3 << 20) }));
    await until(() => client.stats().queuedBytes > 0, "the queue");
    // A unix socket that is closed with unread data resets its peer; a write may find it gone before.
    raw.close();
    const error = await call;
    assert.ok(error instanceof ClosedError);
    assert.deepEqual([error.code, error.message], CLOSED);
    assert.match((error.cause as NodeJS.ErrnoException).code ?? "none", /^(ECONNRESET|EPIPE)$/);
    assert.equal((await client.closed)?.cause, error.cause);
  });

  it("writing to a peer that is gone: the call fails as closed", async () => {
    for (let round = 0; round < 20; round++) {
      await using fake = await FakeServer.listen();
      const client = await connect(fake.address, { channel });
      const raw = await fake.accept();
      raw.close();
      assert.deepEqual(await failure(client.service(Peer).fail({ msg: "x".repeat(round * 1000) })), CLOSED);
      await client.closed;
    }
  });
});

onEachLink("a server", (link) => {
  it("closed twice, and disposed; what it had is cut, its handlers are told", async () => {
    const started = gate();
    const told = gate<unknown>();
    await using both = await pairOver(link, (server) =>
      server.service(Peer, {
        fail: (_, { signal }) => {
          started.open();
          signal.addEventListener("abort", () => told.open(signal.reason));
          return new Promise(() => {});
        },
      }),
    );
    const call = failure(both.client.service(Peer).fail({}));
    await started.promise;
    await Promise.all([both.server.close(), both.server.close()]);
    await both.server[Symbol.asyncDispose]();
    await both.server.shutdown();
    assert.deepEqual(await call, CLOSED);
    assert.equal(((await told.promise) as TtrpcError).code, Code.Canceled);
    assert.equal(await both.client.closed, undefined);
    const { connections, active } = both.server.stats();
    assert.deepEqual([connections, active], [0, 0]);
  });

  it("whose client hangs up forgets the connection, and keeps its counts", async () => {
    await using client = await rawClient(link, register);
    await client.raw.send(frame(1, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echo(1) })));
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2)));
    assert.equal(client.server.stats().connections, 1);
    client.raw.close();
    await until(() => client.server.stats().connections === 0, "the end of the connection");
    const { callsStarted, framesSent, framesReceived } = client.server.stats();
    assert.deepEqual([callsStarted, framesSent, framesReceived], [1, 1, 1]);
  });

  it("whose handlers answer after their client has left: nothing happens", async () => {
    const late = gate<object>();
    const lateStream = gate();
    let finals = 0;
    await using client = await rawClient(link, (server) =>
      server.service(Peer, {
        fail: () => late.promise,
        deadline: () => late.promise.then(() => Promise.reject(new Error("late"))),
        async *count() {
          try {
            await lateStream.promise;
            yield { seq: 1 };
            yield { seq: 2 };
          } finally {
            finals++;
          }
        },
      }),
    );
    for (const [at, method] of ["Fail", "Deadline", "Count"].entries()) await client.raw.send(frame(at * 2 + 1, REQUEST, 0, request(Peer.typeName, method)));
    await until(() => client.server.stats().active === 3, "the calls");
    client.raw.close();
    await until(() => client.server.stats().connections === 0, "the end of the connection");
    late.open({});
    lateStream.open();
    await until(() => finals === 1, "the end of the generator");
    assert.equal(client.server.stats().active, 0);
  });

  it("that is closed serves nobody", async () => {
    await using client = await rawClient(link, register);
    await client.server.close();
    await client.raw.ended;
    assert.ok((await rejection(client.server.listen(`unix://${freePath()}`))) instanceof ServerClosedError);
    if (link !== "memory") return;
    await (await client.another()).ended;
  });
});

onEachChannel("a listener", (channel) => {
  it("closed twice, and disposed: accepts no more, connections live on", async () => {
    await using server = register(new Server({ channel }));
    const listener = await server.listen(`unix://${freePath()}`);
    await using client = await connect(listener.address, { channel });
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    await listener.close();
    await listener.close();
    await listener[Symbol.asyncDispose]();
    assert.equal((await failure(connect(listener.address, { channel })))[0], Code.NotFound);
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    assert.equal(server.stats().connections, 1);
  });

  it("refuses from the moment it is closed", async () => {
    await using server = register(new Server({ channel }));
    const listener = await server.listen("tcp://127.0.0.1:0");
    await listener.close();
    const error: unknown = await connect(listener.address, { channel }).catch((reason: unknown) => reason);
    assert.match(String(error), /cannot connect to tcp:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/);
  });

  it("of a server with two: each has its own address", async () => {
    await using server = register(new Server({ channel }));
    const listeners = [await server.listen(`unix://${freePath()}`), await server.listen("tcp://127.0.0.1:0")];
    for (const { address } of listeners) {
      await using client = await connect(address, { channel });
      assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
      assert.equal(client.peer.address, address);
    }
  });

  it("a client that connects and never speaks is no trouble", async () => {
    await using client = await rawClient(channel, register);
    const silent = await client.another();
    await until(() => client.server.stats().connections === 2, "both connections");
    silent.close();
    await until(() => client.server.stats().connections === 1, "one connection");
    await client.raw.send(frame(1, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echo(1) })));
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2)));
  });
});
