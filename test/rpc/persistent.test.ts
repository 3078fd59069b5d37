// A client that outlives its connections: when it connects, what waits for that, what is made once more, and how it ends.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, ClosedError, Code, connect, type Interceptor, Server, TtrpcError } from "ttrpc";
import { persistent, type PersistentClient } from "ttrpc/persistent";
import { memoryPair } from "ttrpc/testing";
import { type ClientConfig, clientConfig } from "#lib/config.js";
import type { Channel } from "#lib/channel/channel.js";
import { dial } from "#lib/channel/dial.js";
import { freePath, onEachChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { echo, FakeServer, frame, type RawPeer, reply, RESPONSE } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { startProgram } from "./children.js";
import { collect, failure, gate, rejection, until } from "./links.js";
import { restartable } from "./restartable.js";
import { stuck } from "./stuck.js";

const CLOSED = [Code.Unavailable, "ttrpc: closed"];
const QUICK = { initialMs: 5, maxMs: 20 };

/** Answers the next request, which must be an Echo of `seq`. */
async function answer(raw: RawPeer, seq: number): Promise<void> {
  const { streamId } = await raw.next();
  await raw.send(frame(streamId, RESPONSE, 0, reply(echo(seq))));
}

async function callEach(client: PersistentClient): Promise<void> {
  const streaming = client.service(Streaming);
  const peer = client.service(Peer);
  assert.equal((await streaming.echo({ seq: 1 })).seq, 2);
  assert.equal((await peer.collect([{ msg: "ab" }, { msg: "c" }])).msg, "3");
  assert.deepEqual(
    (await collect(peer.count({ seq: 3 }))).map(({ seq }) => seq),
    [0, 1, 2],
  );
  const chat = streaming.echoStream();
  await chat.send({ seq: 5 });
  assert.equal((await chat.recv())?.seq, 6);
  await chat.closeSend();
  assert.equal(await chat.recv(), undefined);
}

onEachChannel("a persistent client", (channel) => {
  it("connects when the first call needs it, once for all that wait", async () => {
    await using at = await restartable(channel);
    await using client = persistent(at.address, { channel });
    assert.equal(client.state, "idle");
    assert.equal(at.server.stats().connections, 0);
    const { echo } = client.service(Streaming);
    const calls = Array.from({ length: 20 }, (_, seq) => echo({ seq }));
    assert.equal(client.state, "connecting");
    assert.deepEqual(
      (await Promise.all(calls)).map(({ seq }) => seq),
      Array.from({ length: 20 }, (_, seq) => seq + 1),
    );
    assert.equal(client.state, "connected");
    assert.equal(client.peer.address, at.address);
    assert.deepEqual([at.server.stats().connections, client.stats().connections, client.stats().callsStarted], [1, 1, 20]);
  });

  it("connects before any call if asked to", async () => {
    await using at = await restartable(channel);
    await using client = persistent(at.address, { channel });
    await Promise.all([client.connected(), client.connected({ timeoutMs: 5_000 })]);
    assert.equal(client.state, "connected");
    await until(() => at.server.stats().connections === 1, "the connection at the server");
  });

  it("calls on after each restart of its server: all four kinds, over the same stub", async () => {
    await using at = await restartable(channel);
    await using client = persistent(at.address, { channel });
    for (let round = 1; round <= 3; round++) {
      await callEach(client);
      assert.equal(client.stats().connections, round);
      await at.stop();
      await until(() => client.state === "idle", "the end of the connection");
      await at.start();
    }
    // Without a connection, each kind as the first: none of them may need a unary call to be connected.
    const firsts: ((client: PersistentClient) => Promise<unknown>)[] = [
      (one) => one.call(Streaming.typeName, Streaming.methods.echo, { seq: 1 }),
      (one) => one.service(Peer).collect([{ msg: "ab" }]),
      (one) => collect(one.service(Peer).count({ seq: 3 })),
      (one) => collect(one.service(Streaming).echoStream([{ seq: 1 }])),
    ];
    for (const first of firsts) {
      await using fresh = persistent(at.address, { channel });
      await first(fresh);
      assert.equal(fresh.state, "connected");
    }
  });

  it("does not connect again by itself when its peer is gone", async () => {
    await using fake = await FakeServer.listen();
    await using client = persistent(fake.address, { channel });
    await client.connected();
    (await fake.accept()).close();
    await until(() => client.state === "idle", "the end of the connection");
    let again = 0;
    void fake.accept().then(() => again++);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(again, 0);
    await client.connected();
    await until(() => again === 1, "the second connection");
  });

  it("fails a call when one attempt to connect fails: Unavailable, and why", async () => {
    const address = `unix://${freePath()}`;
    await using client = persistent(address, { channel, backoff: QUICK });
    for (const made of [
      client.service(Streaming).echo({}),
      client.service(Peer).collect([{}]),
      client.service(Peer).count({ seq: 1 }).recv(),
      client.service(Streaming).echoStream().send({}),
      client.connected(),
    ]) {
      const error = await rejection(made);
      assert.ok(error instanceof TtrpcError);
      assert.equal(error.code, Code.Unavailable);
      assert.match(error.message, new RegExp(`^cannot connect to ${address}: ENOENT`));
      assert.equal((error.cause as TtrpcError).code, Code.NotFound);
    }
  });

  it("waits for its server if told to: each call until its own deadline or signal", async () => {
    const at = await restartable(channel);
    await at.stop();
    await using client = persistent(at.address, { channel, waitForReady: true, backoff: QUICK });
    const { echo } = client.service(Streaming);
    const giveUp = new AbortController();
    const patient = [echo({ seq: 1 }), collect(client.service(Streaming).echoStream([{ seq: 2 }]))] as const;
    const hasty = rejection(echo({}, { timeoutMs: 60 }));
    const hastyStream = failure(client.service(Peer).count({ seq: 1 }, { timeoutMs: 60 }).recv());
    const canceled = rejection(echo({}, { signal: giveUp.signal }));
    const canceledStream = failure(client.service(Streaming).echoStream({ signal: giveUp.signal }).recv());
    const late = (await hasty) as TtrpcError;
    assert.deepEqual([late.code, late.message], [Code.DeadlineExceeded, "context deadline exceeded"]);
    assert.match((late.cause as TtrpcError).message, /ENOENT/);
    assert.equal((await hastyStream)[0], Code.DeadlineExceeded);
    giveUp.abort(new Error("enough"));
    const error = (await canceled) as TtrpcError;
    assert.deepEqual([error.code, (error.cause as Error).message], [Code.Canceled, "enough"]);
    assert.equal((await canceledStream)[0], Code.Canceled);
    await at.start();
    assert.equal((await patient[0]).seq, 2);
    assert.deepEqual(
      (await patient[1]).map(({ seq }) => seq),
      [3],
    );
    await at.stop();
  });

  it("makes a call once more that was never written, and not one that was", async () => {
    await using fake = await FakeServer.listen();
    await using client = persistent(fake.address, { channel });
    await client.connected();
    const first = await fake.accept();
    first.stopReading();
    const { blob } = client.service(Peer);
    const written = failure(blob({ msg: "x".repeat(3_500_000) }));
    await until(() => client.stats().queuedBytes > 1 << 20, "the queue");
    const waiting = client.service(Streaming).echo({ seq: 1 });
    first.close();
    assert.deepEqual(await written, CLOSED);
    await answer(await fake.accept(), 7);
    assert.equal((await waiting).seq, 7);
  });

  it('makes written calls once more with retry "closed", but only once', async () => {
    await using fake = await FakeServer.listen();
    await using client = persistent(fake.address, { channel, retry: "closed" });
    const { echo } = client.service(Streaming);
    const lucky = echo({ seq: 1 });
    const first = await fake.accept();
    await first.next();
    first.close();
    const second = await fake.accept();
    await answer(second, 9);
    assert.equal((await lucky).seq, 9);
    const unlucky = failure(echo({ seq: 2 }));
    await second.next();
    second.close();
    const third = await fake.accept();
    await third.next();
    third.close();
    assert.deepEqual(await unlucky, CLOSED);
    // What a server says is an answer, whatever its code.
    const refused = failure(echo({ seq: 3 }));
    const fourth = await fake.accept();
    const { streamId } = await fourth.next();
    await fourth.send(frame(streamId, RESPONSE, 0, "0a0f 080e 120b 6d6574686f64206e6f7065"));
    assert.deepEqual(await refused, [Code.Unavailable, "method nope"]);
  });

  it("never makes a stream once more", async () => {
    await using fake = await FakeServer.listen();
    await using client = persistent(fake.address, { channel, retry: "closed" });
    const reading = failure(client.service(Peer).count({ seq: 3 }).recv());
    const summing = failure(client.service(Peer).collect([{}]));
    const first = await fake.accept();
    await first.take(2);
    first.close();
    assert.deepEqual([await reading, await summing], [CLOSED, CLOSED]);
    assert.equal(client.stats().connections, 1);
  });

  it("survives a server that hangs up on everybody", async () => {
    const at = await FakeServer.listen();
    void (async () => {
      for (;;) (await at.accept()).close();
    })();
    const client = persistent(at.address, { channel, backoff: QUICK });
    for (let i = 0; i < 10; i++) assert.equal((await failure(client.service(Streaming).echo({})))[0], Code.Unavailable);
    await client.close();
    await at[Symbol.asyncDispose]();
  });

  it("ends: closed twice, disposed, by its signal, with calls in flight and without", async () => {
    await using fake = await FakeServer.listen();
    const controller = new AbortController();
    const clients = [persistent(fake.address, { channel }), persistent(fake.address, { channel, signal: controller.signal })] as const;
    for (const client of clients) {
      const call = failure(client.service(Streaming).echo({ seq: 1 }));
      const raw = await fake.accept();
      await raw.next();
      if (client === clients[1]) controller.abort();
      else await Promise.all([client.close(), client.close()]);
      await client.closed;
      assert.deepEqual(await call, CLOSED);
      await raw.ended;
      await client[Symbol.asyncDispose]();
      assert.equal(client.state, "closed");
      for (const made of [client.service(Streaming).echo({}), client.service(Peer).count({}).recv(), client.connected()]) {
        const error = await rejection(made);
        assert.ok(error instanceof ClosedError && error.unsent, String(error));
      }
    }
    const unused = persistent(fake.address, { channel });
    await unused.close();
    const aborted = persistent(fake.address, { channel, signal: AbortSignal.abort() });
    assert.equal(aborted.state, "closed");
    await aborted.closed;
  });

  it("gives up a listener that accepts nobody: each attempt in its time, all when it is closed", async () => {
    await using listener = await stuck();
    const address = `unix://${listener.path}`;
    const client = persistent(address, { channel, connectTimeoutMs: 60, backoff: QUICK });
    const { echo } = client.service(Streaming);
    assert.deepEqual(await failure(echo({})), [Code.Unavailable, `cannot connect to ${address}: no answer within 60 ms`]);
    const waiting = rejection(echo({}));
    await until(() => client.state === "connecting", "another attempt");
    await client.close();
    const error = await waiting;
    assert.ok(error instanceof ClosedError && error.unsent, String(error));
    await using patient = persistent(address, { channel });
    const connecting = patient.connected();
    setTimeout(() => listener.wake(), 20);
    await connecting;
  });

  it("does not keep a process that has let go of it; keeps one that waits", async () => {
    await using at = await restartable(channel);
    const program = `
      import { persistent } from "ttrpc/persistent";
      const [address, channel] = process.argv.slice(1);
      const gone = persistent(address + ".none", { channel, waitForReady: true, backoff: { initialMs: 600_000, maxMs: 600_000 } }).unref();
      gone.connected().catch(() => {});
      const client = persistent(address, { channel }).unref();
      await client.connected();
      console.log("ready");
      if (process.argv[3] === "stay") client.ref();`;
    const child = startProgram(program, [at.address, channel, "go"]);
    assert.equal((await child.outcome).code, 0);
    const staying = startProgram(program, [at.address, channel, "stay"]);
    await staying.line("ready");
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(staying.process.exitCode, null);
    await at.stop();
    assert.equal((await staying.outcome).code, 0);
  });
});

describe("a persistent client of a function", () => {
  /** Clients of a server of ours over memory. */
  const overMemory = (server: Server, options: Parameters<typeof connect>[1] = {}): Promise<Client> => {
    const [near, far] = memoryPair();
    server.accept(far);
    return connect(near, options);
  };

  it("holds each caller's deadline and signal while the function runs, which goes on for others", async () => {
    await using server = register(new Server());
    const dialed = gate();
    let dials = 0;
    await using client = persistent(async () => {
      dials++;
      await dialed.promise;
      return overMemory(server);
    });
    const { echo } = client.service(Streaming);
    const waiting = echo({ seq: 1 });
    const giveUp = new AbortController();
    const canceled = failure(echo({}, { signal: giveUp.signal }));
    giveUp.abort();
    assert.deepEqual(await canceled, [Code.Canceled, "context canceled"]);
    const startedMs = performance.now();
    assert.deepEqual(await failure(echo({}, { timeoutMs: 30 })), [Code.DeadlineExceeded, "context deadline exceeded"]);
    assert.ok(performance.now() - startedMs < 2_000);
    assert.deepEqual(await failure(echo({}, { timeoutMs: 0 })), [Code.DeadlineExceeded, "context deadline exceeded"]);
    assert.equal(client.state, "connecting");
    dialed.open();
    assert.equal((await waiting).seq, 2);
    assert.equal(dials, 1);
  });

  it("gives an attempt up after connectTimeoutMs, tells the function, and closes a client that comes late", async () => {
    await using server = register(new Server());
    const late = gate();
    let told = false;
    let attempt = 0;
    const clients: Client[] = [];
    await using client = persistent(
      async (signal) => {
        if (attempt++ > 0) return overMemory(server);
        signal.addEventListener("abort", () => (told = true));
        await late.promise;
        clients.push(await overMemory(server));
        return clients[0] as Client;
      },
      { connectTimeoutMs: 20, backoff: QUICK },
    );
    const { echo } = client.service(Streaming);
    assert.deepEqual(await failure(echo({})), [Code.Unavailable, "cannot connect to what the function connects to: no answer within 20 ms"]);
    assert.ok(told);
    assert.equal((await echo({ seq: 1 })).seq, 2);
    late.open();
    await until(() => clients.length === 1, "the late client");
    await clients[0]?.closed;
    assert.equal(client.state, "connected");
  });

  it("that is closed while it connects: who waits fails as closed, and what comes is closed", async () => {
    await using server = register(new Server());
    const dialed = gate();
    let made: Client | undefined;
    const client = persistent(async () => {
      await dialed.promise;
      return (made = await overMemory(server));
    });
    const stream = client.service(Peer).count({ seq: 1 });
    const waiting = [client.service(Streaming).echo({}), stream.recv(), client.connected()].map(rejection);
    await client.close();
    for (const error of await Promise.all(waiting)) assert.ok(error instanceof ClosedError && error.unsent, String(error));
    dialed.open();
    await until(() => made !== undefined, "the late client");
    await made?.closed;
    assert.equal(server.stats().callsStarted, 0);
  });

  it("pauses longer after each failure, and not at all after a success", async () => {
    await using server = register(new Server());
    const startsMs: number[] = [];
    await using client = persistent(
      async () => {
        startsMs.push(performance.now());
        if (startsMs.length <= 3) throw new Error("not yet");
        return overMemory(server);
      },
      { waitForReady: true, backoff: { initialMs: 20, factor: 3, maxMs: 1_000, jitter: 0 } },
    );
    assert.equal((await client.service(Streaming).echo({ seq: 1 }, { timeoutMs: 20_000 })).seq, 2);
    const pausesMs = startsMs.slice(1).map((at, i) => at - (startsMs[i] as number));
    for (const [i, atLeastMs] of [20, 60, 180].entries()) assert.ok((pausesMs[i] as number) > atLeastMs - 2, `${pausesMs.join(", ")} ms`);
  });

  it("fails at once, and for good, where trying again is no use", async () => {
    await using client = persistent((async () => "nothing") as unknown as () => Promise<Client>, { waitForReady: true });
    assert.deepEqual(await failure(client.service(Streaming).echo({})), [
      Code.InvalidArgument,
      "persistent: the function must resolve to a Client, not string",
    ]);
    await using shut = persistent(async () => {
      const one = await overMemory(new Server());
      await one.close();
      return one;
    });
    assert.deepEqual(await failure(shut.service(Streaming).echo({})), [Code.Unavailable, "the connection was closed as soon as it was made"]);
  });

  it("keeps what its clients were given: interceptors run for each attempt, those of the persistent client once", async () => {
    await using server = register(new Server());
    const seen: string[] = [];
    const note = (name: string): Interceptor => ({
      unary: (call, next) => {
        seen.push(`${name} ${call.path}`);
        return next(call);
      },
      stream: (call, next) => {
        seen.push(`${name} ${call.path}`);
        return next(call);
      },
    });
    let first: Client | undefined;
    await using client = persistent(
      async () => {
        const inner: Interceptor = first === undefined ? { unary: async (call, next) => (await first?.close(), next(call)) } : note("inner");
        const made = await overMemory(server, { interceptors: [inner], defaultTimeoutMs: 9_000 });
        first ??= made;
        return made;
      },
      { interceptors: [note("outer")] },
    );
    // The first connection closes before the call is written: it goes to the second.
    const { msg } = await client.service(Peer).deadline({});
    assert.ok(Number(msg) > 1_000 && Number(msg) <= 9_000, msg);
    assert.deepEqual(seen, ["outer /ttrpc.test.Peer/Deadline", "inner /ttrpc.test.Peer/Deadline"]);
    seen.length = 0;
    assert.equal((await collect(client.service(Peer).count({ seq: 2 }))).length, 2);
    assert.equal((await client.service(Peer).collect([{ msg: "ab" }])).msg, "2");
    assert.deepEqual(
      seen,
      ["Count", "Collect"].flatMap((name) => [`outer /ttrpc.test.Peer/${name}`, `inner /ttrpc.test.Peer/${name}`]),
    );
  });
});

onEachChannel("a persistent client without stream ids", (channel) => {
  it("goes to a new connection when the stream ids of one are used up; what is in flight there ends first", async () => {
    await using fake = await FakeServer.listen();
    const config = clientConfig({ channel });
    const clients = Client as unknown as { over(channel: Channel, config: ClientConfig, firstStreamId: number): Client };
    let dials = 0;
    await using client = persistent(async () => {
      const made = await dial(fake.address, config);
      return clients.over(made, config, ++dials === 1 ? 0xfffffffd : 1);
    });
    const { echo: call, echoStream } = client.service(Streaming);
    const chat = echoStream();
    const [old] = await Promise.all([fake.accept(), chat.send({ seq: 1 })]);
    const inFlight = call({ seq: 2 });
    const ids = [await old.next(), await old.next(), await old.next()].map(({ streamId }) => streamId);
    assert.deepEqual(ids, [0xfffffffd, 0xfffffffd, 0xffffffff]);
    // One of each kind finds no id left, and does not notice.
    const calls = [call({ seq: 3 }), call({ seq: 4 })];
    const another = echoStream([{ seq: 5 }]).recv();
    const fresh = await fake.accept();
    await answer(fresh, 30);
    await answer(fresh, 40);
    assert.deepEqual(
      (await Promise.all(calls)).map(({ seq }) => seq),
      [30, 40],
    );
    assert.equal((await fresh.next()).streamId, 5);
    await fresh.send(frame(5, 3, 0, echo(50)));
    assert.equal((await another)?.seq, 50);
    // The old one lives for as long as a call of it does.
    await old.send(frame(0xffffffff, RESPONSE, 0, reply(echo(20))));
    assert.equal((await inFlight).seq, 20);
    await chat.send({ seq: 6 });
    assert.equal((await old.next()).streamId, 0xfffffffd);
    await old.send(frame(0xfffffffd, 3, 5));
    assert.equal(await chat.recv(), undefined);
    await old.ended;
    assert.deepEqual([client.stats().connections, dials], [2, 2]);
  });
});

describe("a stream called for without a connection", () => {
  const waiting = (): PersistentClient => persistent(() => new Promise<Client>(() => {}));

  it("can be given up: canceled, disposed, left", async () => {
    await using client = waiting();
    const { echoStream } = client.service(Streaming);
    const canceled = echoStream();
    const pending = [canceled.recv(), canceled.send({})].map(failure);
    canceled.cancel(new Error("enough"));
    for (const one of pending) assert.deepEqual(await one, [Code.Canceled, "context canceled"]);
    assert.deepEqual(await failure(canceled.recv()), [Code.Canceled, "context canceled"]);
    const disposed = echoStream();
    const read = disposed.recv();
    await disposed[Symbol.asyncDispose]();
    assert.equal(await read, undefined);
    const left = echoStream()[Symbol.asyncIterator]();
    const next = left.next();
    assert.equal((await left.return?.())?.done, true);
    assert.equal((await next).done, true);
    const handle = client.newStream(Peer.typeName, Peer.methods.count);
    await handle.closeSend();
    handle.cancel();
    await until(() => client.state === "connecting", "the dial, which goes on");
  });

  it("is opened by the first send where the method takes one request", async () => {
    await using server = register(new Server());
    await using client = persistent(() => {
      const [near, far] = memoryPair();
      server.accept(far);
      return connect(near);
    });
    const handle = client.newStream(Peer.typeName, Peer.methods.count);
    assert.equal(client.state, "idle");
    await handle.send({ seq: 2 });
    assert.deepEqual([(await handle.recv())?.seq, (await handle.recv())?.seq, await handle.recv()], [0, 1, undefined]);
    const upload = client.service(Peer).collect();
    await upload.send({ msg: "abc" });
    assert.equal((await upload.closeAndRecv()).msg, "3");
  });
});

describe("options of persistent", () => {
  it("are checked at once, and so is the address", () => {
    assert.throws(() => persistent("nonsense"), { code: Code.InvalidArgument });
    const bad: [object, RegExp][] = [
      [{ retry: "always" }, /option "retry" must be "unsent" or "closed", not "always"/],
      [{ waitForReady: 1 }, /"waitForReady" must be true or false, not 1/],
      [{ backoff: 5 }, /"backoff" must be an object, not 5/],
      [{ backoff: { initial: 5 } }, /unknown option "initial"; there are initialMs, maxMs, factor, jitter/],
      [{ backoff: { factor: 0.5 } }, /"factor" must be a number of at least 1/],
      [{ backoff: { jitter: 2 } }, /"jitter" must be a number from 0 to 1/],
      [{ onClose: () => {} }, /unknown option "onClose"/],
    ];
    for (const [options, text] of bad) assert.throws(() => persistent("/run/x.sock", options), { name: "TypeError", message: text });
    const dial = (): Promise<Client> => connect("/run/x.sock");
    assert.throws(() => persistent(dial, { maxMessageBytes: 5 } as object), /unknown option "maxMessageBytes"/);
  });
});
