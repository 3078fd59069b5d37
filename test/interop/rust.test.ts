// Our client against ttrpc-rust's two servers, and its two clients against our server, on both channels.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, Code, connect, Server, TtrpcError } from "ttrpc";
import { freePath, onEachChannel, type SocketChannel } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { runRustClient, type RustServer, skipRust, startRustServer } from "../support/rust.js";
import { Peer, Streaming } from "../support/services.js";

const MAX = 4 << 20;
const NULL = { msg: "non-empty empty" };
const DURATION = ["type.googleapis.com/google.protobuf.Duration", "08011080cab5ee01"];

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of stream) all.push(message);
  return all;
}

async function failure(promise: Promise<unknown>): Promise<TtrpcError> {
  const error: unknown = await promise.then(
    () => assert.fail("the call should have failed"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TtrpcError, String(error));
  return error;
}

async function codeOf(promise: Promise<unknown>): Promise<[number, string]> {
  const { code, message } = await failure(promise);
  return [code, message];
}

onEachChannel("our client, ttrpc-rust's servers", (channel) => {
  describe("async", { skip: skipRust() }, () => {
    const rust = startedFor(channel, "server");
    unaryCalls(rust);
    streams(rust);
    abandoned(rust);
  });
  describe("sync", { skip: skipRust() }, () => {
    const rust = startedFor(channel, "sync-server");
    unaryCalls(rust);
    syncOnly(rust);
  });
});

interface Rust {
  readonly channel: SocketChannel;
  readonly program: "server" | "sync-server";
  server: RustServer;
  client: Client;
}

function startedFor(channel: SocketChannel, program: Rust["program"]): Rust {
  const rust = { channel, program } as Rust;
  before(async () => {
    rust.server = await startRustServer(program, `unix://${freePath()}`);
    rust.client = await connect(rust.server.address, { channel });
    assert.equal(rust.client.channel, channel);
  });
  after(async () => {
    await rust.client.close();
    assert.equal(await rust.server.stop(), 0);
  });
  return rust;
}

function unaryCalls(rust: Rust): void {
  const peer = () => rust.client.service(Peer);
  const echoes = async (count: number): Promise<void> => {
    const { echo } = rust.client.service(Streaming);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) {
        const seq = next++;
        assert.deepEqual({ ...(await echo({ seq, msg: `m${seq}` })) }, { seq: seq + 1, msg: `m${seq}` });
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
  };

  it("5,000 unary calls, 64 in flight", () => echoes(5_000));

  it("an empty reply: an empty status and no payload", async () => {
    assert.deepEqual({ ...(await peer().fail({})) }, { seq: 0, msg: "" });
  });

  it("an error with its code, text and detail", async () => {
    const error = await failure(peer().fail({ seq: Code.NotFound, msg: "nothing here: ünïcödé" }));
    assert.deepEqual([error.code, error.message], [Code.NotFound, "nothing here: ünïcödé"]);
    assert.deepEqual(
      error.details.map(({ typeUrl, value }) => [typeUrl, Buffer.from(value).toString("hex")]),
      [DURATION],
    );
  });

  it("a code that no enum has", async () => {
    assert.deepEqual(await codeOf(peer().fail({ seq: 99, msg: "odd" })), [99, "odd"]);
  });

  it("metadata with repeated keys", async () => {
    const { msg } = await peer().metadata({}, { metadata: { foo: ["one", "two", "one"], solo: "<1>", blank: "" } });
    assert.deepEqual(JSON.parse(msg), { blank: [""], foo: ["one", "two", "one"], solo: ["<1>"] });
  });

  it("the deadline reaches the handler", async () => {
    assert.equal((await peer().deadline({})).msg, "none");
    const left = Number((await peer().deadline({}, { timeoutMs: 30_000 })).msg);
    assert.ok(left > 20_000 && left <= 30_000, String(left));
  });

  it("a deadline that passes, and the connection lives", async () => {
    const [code, text] = await codeOf(peer().sleep({ seq: 1_000 }, { timeoutMs: 50 }));
    assert.equal(code, Code.DeadlineExceeded);
    // The asynchronous server has a clock of its own, which may be first; the synchronous one has none.
    if (rust.program === "sync-server" || text !== "timeout") assert.equal(text, "context deadline exceeded");
    await echoes(10);
  });

  it("a call that is given up: its late reply is dropped", async () => {
    const signal = AbortSignal.timeout(20);
    assert.equal((await failure(peer().sleep({ seq: 150 }, { signal }))).code, Code.Canceled);
    assert.equal((await peer().sleep({ seq: 200 })).seq, 200);
  });

  it("a request of exactly 4 MiB", async () => {
    const overhead = 2 + Peer.typeName.length + 2 + 5 + 5 + 2 + 5;
    const { msg } = await peer().sleep({ seq: 1, msg: "x".repeat(MAX - overhead - 2) });
    assert.equal(msg.length, MAX - overhead - 2);
    assert.equal((await failure(peer().sleep({ seq: 1, msg: "x".repeat(MAX) }))).code, Code.ResourceExhausted);
  });

  it("a reply of exactly 4 MiB passes; one byte more is an error of that call alone", async () => {
    // Status 2, payload 5, seq 5, msg 5.
    const seq = MAX - 17;
    assert.equal((await peer().blob({ seq })).msg.length, seq);
    assert.equal((await failure(peer().blob({ seq: seq + 1 }))).code, Code.InvalidArgument);
    await echoes(10);
  });

  it("a reply over our own limit is discarded, and the connection lives", async () => {
    await using small = await connect(rust.server.address, { channel: rust.channel, maxMessageBytes: 1000 });
    assert.equal((await failure(small.service(Peer).blob({ seq: 100_000 }))).code, Code.ResourceExhausted);
    assert.equal((await small.service(Peer).blob({ seq: 3 })).msg, "xxx");
  });

  it("a handler that panics never answers: only a deadline ends the call, and the connection lives", async () => {
    assert.equal((await failure(peer().nil({}, { timeoutMs: 200 }))).code, Code.DeadlineExceeded);
    await echoes(10);
  });

  it("a server that dies ends all calls as closed", async () => {
    const victim = await startRustServer(rust.program, `unix://${freePath()}`);
    await using other = await connect(victim.address, { channel: rust.channel });
    const calls = [other.service(Peer).sleep({ seq: 60_000 }), other.service(Peer).die({})].map(codeOf);
    for (const call of calls) assert.deepEqual(await call, [Code.Unavailable, "ttrpc: closed"]);
    await other.closed;
    assert.equal(await victim.stop(), 3);
  });
}

function streams(rust: Rust): void {
  const streaming = () => rust.client.service(Streaming);
  const peer = () => rust.client.service(Peer);

  it("EchoStream: 50 ping-pongs, no first message that nobody sent, then the end", async () => {
    const stream = streaming().echoStream();
    for (let seq = 0; seq < 100; seq += 2) {
      await stream.send({ seq, msg: `m${seq}` });
      assert.deepEqual({ ...(await stream.recv()) }, { seq: seq + 1, msg: `m${seq}` });
    }
    await stream.closeSend();
    assert.equal(await stream.recv(), undefined);
  });

  it("SumStream: 202 parts, two of them empty, none that nobody sent", async () => {
    const adds = [0, ...Array.from({ length: 200 }, (_, at) => at - 99), 0];
    assert.deepEqual({ ...(await streaming().sumStream(adds.map((add) => ({ add })))) }, { sum: 100, num: 202 });
    assert.deepEqual({ ...(await streaming().sumStream([])) }, { sum: 0, num: 0 });
  });

  it("DivideStream: 30 parts", async () => {
    const parts = await collect(streaming().divideStream({ sum: 392, num: 30 }));
    assert.deepEqual([parts.length, parts.reduce((sum, { add }) => sum + add, 0)], [30, 392]);
  });

  it("EchoNull and EchoNullStream: 100 messages, one and 1,000 empty ones back", async () => {
    const messages = Array.from({ length: 100 }, (_, seq) => ({ seq, ...NULL }));
    assert.deepEqual({ ...(await streaming().echoNull(messages)) }, {});
    assert.equal((await collect(streaming().echoNullStream(messages))).length, 1_000);
  });

  it("EmptyPayloadStream", async () => {
    assert.deepEqual(
      (await collect(streaming().emptyPayloadStream({}))).map(({ seq }) => seq),
      [1, 2],
    );
  });

  it("20,000 messages down one stream, in order", async () => {
    let next = 0;
    for await (const { seq } of peer().count({ seq: 20_000, msg: "x" })) if (seq !== next++) assert.fail(`message ${seq} came in place of ${next - 1}`);
    assert.equal(next, 20_000);
  });

  it("2,000 messages up one stream", async () => {
    const { seq, msg } = await peer().collect(Array.from({ length: 2_000 }, (_, at) => ({ seq: at, msg: "abc" })));
    assert.deepEqual([seq, msg], [2_000, "6000"]);
  });

  it("100 streams at once", async () => {
    const one = async (id: number): Promise<void> => {
      const stream = peer().echo2();
      for (let at = 0; at < 10; at++) {
        await stream.send({ seq: id * 100 + at });
        assert.equal((await stream.recv())?.seq, id * 100 + at + 1);
      }
      await stream.closeSend();
      assert.equal(await stream.recv(), undefined);
    };
    await Promise.all(Array.from({ length: 100 }, (_, id) => one(id)));
  });

  it("an error after messages", async () => {
    const stream = peer().failAfter({ seq: 3, msg: "gone after that" });
    for (let seq = 0; seq < 3; seq++) assert.equal((await stream.recv())?.seq, seq);
    assert.deepEqual(await codeOf(stream.recv()), [Code.NotFound, "gone after that"]);
  });

  it("an error in the middle of what we send: the handler's, or the refusal of a later message, whichever is first", async () => {
    const error = await failure(streaming().echoNull(Array.from({ length: 50 }, () => ({ seq: 7, msg: "not what it wants" }))));
    if (error.code === Code.InvalidArgument) assert.equal(error.message, "Stream is no longer active");
    else assert.deepEqual([error.code, error.message], [Code.Unknown, 'Others("message 0: got seq 7, msg \\"not what it wants\\"")']);
    assert.equal((await streaming().echo({ seq: 1 })).seq, 2);
  });

  it("a stream's deadline, which ttrpc-rust does not keep, ends it here; the connection lives", async () => {
    const stream = peer().hold({ timeoutMs: 100 });
    await stream.send({ seq: 1 });
    assert.deepEqual(await codeOf(stream.recv()), [Code.DeadlineExceeded, "context deadline exceeded"]);
    assert.equal((await streaming().echo({ seq: 1 })).seq, 2);
  });
}

/** No event can show what does not happen: it gets the time in which another call ends. */
function abandoned(rust: Rust): void {
  it("a handler is not told that its connection has ended", async () => {
    const other = await connect(rust.server.address, { channel: rust.channel });
    const stream = other.service(Peer).hold();
    await stream.send({ seq: 1 });
    assert.equal((await other.service(Streaming).echo({ seq: 1 })).seq, 2);
    await other.close();
    assert.equal((await failure(stream.recv())).code, Code.Unavailable);
    await rust.client.service(Peer).sleep({ seq: 300 });
    assert.doesNotMatch(rust.server.log(), /Hold ends/);
  });
}

function syncOnly(rust: Rust): void {
  it("a stream is a method it does not have", async () => {
    assert.deepEqual(await codeOf(collect(rust.client.service(Peer).count({ seq: 1 }))), [Code.InvalidArgument, "/ttrpc.test.Peer/Count does not exist"]);
    const chat = rust.client.service(Peer).echo2([{ seq: 1 }, { seq: 2 }]);
    assert.deepEqual(await codeOf(collect(chat)), [Code.InvalidArgument, "/ttrpc.test.Peer/Echo2 does not exist"]);
  });
}

onEachChannel("ttrpc-rust's clients, our server", (channel) => {
  describe("cases", { skip: skipRust() }, () => rustClients(channel));
});

function rustClients(channel: SocketChannel): void {
  let server: Server;
  let address: string;
  before(async () => {
    server = register(new Server({ channel }));
    ({ address } = await server.listen(`unix://${freePath()}`));
  });
  after(() => server.close());

  it("async: all seven integration cases", async () => {
    const reports = await runRustClient("client", address, "all");
    assert.equal(reports.length, 7);
    for (const report of reports) assert.ok(report.ok, JSON.stringify(report));
  });

  const unary: readonly (readonly [name: string, ...flags: string[]])[] = [
    ["echo"],
    ["metadata"],
    ["deadline"],
    ["fail"],
    ["plain-error"],
    ["unknown-service"],
    ["unknown-method"],
    ["many-unary", "-n", "5000", "-inflight", "16"],
    ["blob-reply", "-size", String(MAX - 15)],
  ];
  const more: typeof unary = [
    ["deadline-seen"],
    ["nil"],
    ["blob", "-size", String(MAX)],
    ["blob", "-size", String(MAX + 1)],
    ["count-stream", "-n", "20000"],
    ["fail-after"],
    ["collect", "-n", "2000"],
    ["streams", "-n", "100"],
    ["stream-context", "-timeout-ms", "5000"],
  ];
  for (const [program, cases] of [
    ["client", [...unary, ...more]],
    ["sync-client", unary],
  ] as const) {
    for (const [name, ...flags] of cases) {
      it(`${program}: ${[name, ...flags].join(" ")}`, async () => {
        for (const report of await runRustClient(program, address, name, ...flags)) assert.ok(report.ok, JSON.stringify(report));
      });
    }
  }

  it("a reply over the limit is ResourceExhausted for that call, and the connection lives", async () => {
    for (const program of ["client", "sync-client"] as const) {
      const [report] = await runRustClient(program, address, "blob-reply", "-size", String(MAX - 14));
      assert.deepEqual(
        [report?.code, report?.text, report?.["alive"]],
        [Code.ResourceExhausted, `message length ${MAX + 1} exceed maximum message size of ${MAX}`, true],
      );
    }
  });

  it("a metadata key in upper case, which only ttrpc-rust sends, reaches handlers in lower case", async () => {
    const [report] = await runRustClient("client", address, "metadata-case");
    assert.equal(report?.["seen"], '{"upper-key":["one"]}');
  });

  it("leaves no connection behind", async () => {
    for (let tries = 0; server.stats().connections !== 0 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual([server.stats().connections, server.stats().active], [0, 0]);
  });
}
