// Our client against Go's server, and Go's client against ours, on both channels. Go: integration/streaming_test.go.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Client, Code, connect, Server, TtrpcError } from "ttrpc";
import { type SocketChannel, freePath, onEachChannel } from "../support/channels.js";
import { type GoServer, runGoClient, skipGo, startGoServer } from "../support/go.js";
import { register } from "../support/implementations.js";
import { Peer, Streaming, Test } from "../support/services.js";

const MAX = 4 << 20;
/** Bytes of Blob's largest replies beside their letters: payload tag and length, tag and number, tag and length. */
const REPLY_OVERHEAD = 5 + 5 + 5;

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of stream) all.push(message);
  return all;
}

function codeOf(promise: Promise<unknown>): Promise<[number, string]> {
  return promise.then(
    () => assert.fail("the call should have failed"),
    (error: unknown) => {
      assert.ok(error instanceof TtrpcError, String(error));
      return [error.code, error.message];
    },
  );
}

onEachChannel("our client, Go's server", (channel) => {
  describe("cases", { skip: skipGo() }, () => clientCases(channel));
});

function clientCases(channel: SocketChannel): void {
  let go: GoServer;
  let client: Client;
  before(async () => {
    go = await startGoServer(`unix://${freePath()}`);
    client = await connect(go.address, { channel });
    assert.equal(client.channel, channel);
  });
  after(async () => {
    await client.close();
    await go.stop();
  });
  const streaming = () => client.service(Streaming);
  const peer = () => client.service(Peer);

  it("Echo", async () => {
    assert.deepEqual({ ...(await streaming().echo({ seq: 1, msg: "Echo Me" })) }, { seq: 2, msg: "Echo Me" });
  });

  it("EchoStream: 50 ping-pongs, then the end", async () => {
    const stream = streaming().echoStream();
    for (let seq = 0; seq < 100; seq += 2) {
      await stream.send({ seq, msg: `${seq}: Echo in a stream` });
      assert.deepEqual({ ...(await stream.recv()) }, { seq: seq + 1, msg: `${seq}: Echo in a stream` });
    }
    await stream.closeSend();
    assert.equal(await stream.recv(), undefined);
  });

  it("SumStream: 202 parts", async () => {
    const stream = streaming().sumStream();
    await stream.send({});
    for (let add = -99; add <= 100; add++) await stream.send({ add });
    await stream.send({});
    const { sum, num } = await stream.closeAndRecv();
    assert.deepEqual([sum, num], [100, 202]);
  });

  it("DivideStream: 30 parts", async () => {
    const parts = await collect(streaming().divideStream({ sum: 392, num: 30 }));
    assert.equal(parts.length, 30);
    assert.equal(
      parts.reduce((sum, { add }) => sum + add, 0),
      392,
    );
  });

  it("EchoNull: 100 messages, one empty reply", async () => {
    const messages = Array.from({ length: 100 }, (_, seq) => ({ seq, msg: "non-empty empty" }));
    assert.deepEqual({ ...(await streaming().echoNull(messages)) }, {});
  });

  it("EchoNullStream: 100 messages, 1000 empty ones back", async () => {
    const messages = Array.from({ length: 100 }, (_, seq) => ({ seq, msg: "non-empty empty" }));
    assert.equal((await collect(streaming().echoNullStream(messages))).length, 1000);
  });

  it("EmptyPayloadStream", async () => {
    assert.deepEqual(
      (await collect(streaming().emptyPayloadStream({}))).map(({ seq }) => seq),
      [1, 2],
    );
  });

  it("upstream's unary test service: metadata and deadline arrive", async () => {
    const before = Date.now();
    const reply = await client.service(Test).test({ foo: "bar" }, { timeoutMs: 60_000, metadata: { foo: "baz" } });
    assert.equal(reply.foo, "barbar");
    assert.equal(reply.metadata, "baz");
    const deadlineMs = Number(reply.deadline) / 1e6;
    // Date.now() is cut to whole milliseconds.
    assert.ok(deadlineMs >= before + 59_000 && deadlineMs <= Date.now() + 60_001, `deadline ${deadlineMs}`);
  });

  it("10,000 unary calls, 64 in flight", async () => {
    const { echo } = streaming();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 10_000) {
        const seq = next++;
        assert.equal((await echo({ seq, msg: `m${seq}` })).seq, seq + 1);
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
  });

  it("100,000 messages down one stream, in order", async () => {
    let next = 0;
    for await (const { seq } of peer().count({ seq: 100_000, msg: "x" })) if (seq !== next++) assert.fail(`message ${seq} came in place of ${next - 1}`);
    assert.equal(next, 100_000);
  });

  it("200 concurrent streams", async () => {
    const one = async (id: number): Promise<void> => {
      const stream = peer().echo2();
      for (let i = 0; i < 10; i++) {
        await stream.send({ seq: id * 100 + i });
        assert.equal((await stream.recv())?.seq, id * 100 + i + 1);
      }
      await stream.closeSend();
      assert.equal(await stream.recv(), undefined);
    };
    await Promise.all(Array.from({ length: 200 }, (_, id) => one(id)));
  });

  it("a request of exactly 4 MiB passes, one byte more is refused before it is sent", async () => {
    const { echo } = streaming();
    // Envelope: service 2+39, method 2+4, payload tag and length 5; payload: seq 2, msg tag and length 5.
    const overhead = 2 + Streaming.typeName.length + 2 + 4 + 5 + 2 + 5;
    const exact = "x".repeat(MAX - overhead);
    assert.equal((await echo({ seq: 1, msg: exact })).msg.length, exact.length);
    const sent = client.stats().bytesSent;
    assert.deepEqual(await codeOf(echo({ seq: 1, msg: `${exact}y` })), [Code.ResourceExhausted, `message of ${MAX + 1} bytes exceeds the ${MAX} byte limit`]);
    assert.equal(client.stats().bytesSent, sent);
  });

  it("a reply of exactly 4 MiB passes", async () => {
    const seq = MAX - REPLY_OVERHEAD;
    assert.equal((await peer().blob({ seq })).msg.length, seq);
  });

  it("a reply over our limit is discarded, and the connection lives", async () => {
    await using small = await connect(go.address, { channel, maxMessageBytes: 1000 });
    const stub = small.service(Peer);
    const [code, text] = await codeOf(stub.blob({ seq: 100_000 }));
    assert.equal(code, Code.ResourceExhausted);
    assert.match(text, /^message length 1000\d\d exceed maximum message size of 1000$/);
    assert.equal((await stub.blob({ seq: 3 })).msg, "xxx");
  });

  it("metadata with repeated keys", async () => {
    const { msg } = await peer().metadata({}, { metadata: { foo: ["one", "two", "one"], solo: "<1>", blank: "" } });
    assert.deepEqual(JSON.parse(msg), { blank: [""], foo: ["one", "two", "one"], solo: ["<1>"] });
  });

  it("metadata and deadlines reach streams too", async () => {
    const [left] = [await peer().deadline({}, { timeoutMs: 30_000 })];
    assert.ok(Number(left.msg) > 25_000 && Number(left.msg) <= 30_000, left.msg);
    assert.equal((await peer().deadline({})).msg, "none");
  });

  it("a deadline that passes", async () => {
    assert.deepEqual(await codeOf(peer().sleep({ seq: 60_000 }, { timeoutMs: 50 })), [Code.DeadlineExceeded, "context deadline exceeded"]);
    assert.equal((await streaming().echo({ seq: 1 })).seq, 2);
  });

  it("errors with details", async () => {
    const error: unknown = await peer()
      .fail({ seq: Code.NotFound, msg: "nothing here: ünïcödé" })
      .catch((e: unknown) => e);
    assert.ok(error instanceof TtrpcError);
    assert.deepEqual([error.code, error.message], [Code.NotFound, "nothing here: ünïcödé"]);
    assert.deepEqual(
      error.details.map(({ typeUrl, value }) => [typeUrl, Buffer.from(value).toString("hex")]),
      [["type.googleapis.com/google.protobuf.Duration", "08011080cab5ee01"]],
    );
  });

  it("errors after messages, nil replies, plain errors, unknown methods and services: Go's codes and texts", async () => {
    const stream = peer().failAfter({ seq: 3, msg: "gone after that" });
    for (let seq = 0; seq < 3; seq++) assert.equal((await stream.recv())?.seq, seq);
    assert.deepEqual(await codeOf(stream.recv()), [Code.NotFound, "gone after that"]);
    assert.deepEqual(await codeOf(peer().nil({})), [Code.Unknown, "ttrpc: marshal called with nil"]);
    assert.deepEqual(await codeOf(peer().plainError({ msg: "just text" })), [Code.Unknown, "just text"]);
    const { echo } = Streaming.methods;
    assert.deepEqual(await codeOf(client.call("no.Such", echo, {})), [Code.Unimplemented, "service no.Such"]);
    assert.deepEqual(await codeOf(client.call(Streaming.typeName, { ...echo, name: "Nope" }, {})), [Code.Unimplemented, "method Nope"]);
  });

  it("killed in the middle of calls: they end as closed", async () => {
    const victim = await startGoServer(`unix://${freePath()}`);
    await using other = await connect(victim.address, { channel });
    const stub = other.service(Peer);
    const calls = [stub.sleep({ seq: 60_000 }), stub.hold([{ seq: 1 }]).recv(), stub.sleep({ seq: 60_000 })].map(codeOf);
    await stub.deadline({});
    await victim.stop("SIGKILL");
    for (const call of calls) assert.deepEqual(await call, [Code.Unavailable, "ttrpc: closed"]);
    await other.closed;
  });
}

onEachChannel("Go's client, our server", (channel) => {
  describe("cases", { skip: skipGo() }, () => serverCases(channel));
});

function serverCases(channel: SocketChannel): void {
  let server: Server;
  let address: string;
  before(async () => {
    server = register(new Server({ channel }));
    ({ address } = await server.listen(`unix://${freePath()}`));
  });
  after(() => server.close());

  it("all seven integration cases", async () => {
    const reports = await runGoClient(address, "all");
    assert.equal(reports.length, 7);
    for (const report of reports) assert.ok(report.ok, JSON.stringify(report));
  });

  const cases: readonly (readonly [name: string, ...flags: string[]])[] = [
    ["example"],
    ["test"],
    ["metadata"],
    ["deadline"],
    ["deadline-seen"],
    ["fail"],
    ["plain-error"],
    ["nil"],
    ["unknown-service"],
    ["unknown-method"],
    ["fail-after"],
    ["collect"],
    ["many-unary", "-n", "10000", "-inflight", "64"],
    ["count-stream", "-n", "100000"],
    ["streams", "-n", "200"],
    ["blob", "-size", String(MAX)],
    ["blob", "-size", String(MAX + 1)],
    ["blob-reply", "-size", String(MAX - REPLY_OVERHEAD)],
  ];
  for (const [name, ...flags] of cases) {
    it([name, ...flags].join(" "), async () => {
      for (const report of await runGoClient(address, name, ...flags)) assert.ok(report.ok, JSON.stringify(report));
    });
  }

  it("a reply over the limit is ResourceExhausted for that call, and the connection lives", async () => {
    const [report] = await runGoClient(address, "blob-reply", "-size", String(MAX - REPLY_OVERHEAD + 1));
    assert.deepEqual(
      [report?.code, report?.text, report?.["closed"]],
      [Code.ResourceExhausted, `message length ${MAX + 1} exceed maximum message size of ${MAX}`, false],
    );
  });

  it("leaves no connection behind", async () => {
    for (let tries = 0; server.stats().connections !== 0 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(server.stats().connections, 0);
    assert.equal(server.stats().active, 0);
  });
}
