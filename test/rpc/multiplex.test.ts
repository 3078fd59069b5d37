// Connections over one trunk: both ends ours, and ends that are driven by hand.
import assert from "node:assert/strict";
import { connect as netConnect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { after, describe, it } from "node:test";
import { ClosedError, Code, connect, ProtocolError, Server, StreamFullError, TtrpcError } from "ttrpc";
import { multiplex, type Multiplexer, PLUGIN_SERVICE, RUNTIME_SERVICE } from "ttrpc/multiplex";
import { memoryPair } from "ttrpc/testing";
import { muxHeader } from "#lib/multiplex/frame.js";
import { freePath } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { bytes, echo as echoBytes, frame, REQUEST, request } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { startProgram } from "./children.js";
import { collect, failure, gate, rejection, until } from "./links.js";

const CLOSED = [Code.Unavailable, "ttrpc: closed"];
const MAX = 4 << 20;

type Pair = readonly [Duplex, Duplex];

async function socketPair(): Promise<Pair> {
  const path = freePath();
  const accepted = gate<Socket>();
  const server = createServer((socket) => accepted.open(socket)).listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  const near = netConnect(path);
  const far = await accepted.promise;
  server.close();
  return [near, far];
}

const trunks: readonly (readonly [string, () => Promise<Pair>])[] = [
  ["unix socket", socketPair],
  ["memory", () => Promise.resolve(memoryPair())],
];

const byHandEnds: Duplex[] = [];
after(() => byHandEnds.forEach((end) => end.destroy()));

/** A multiplexer, and the other end of its trunk, read and written by hand. */
async function byHand(open: () => Promise<Pair>, options = {}): Promise<{ readonly mux: Multiplexer; readonly raw: Duplex; readonly got: () => string }> {
  const [near, raw] = await open();
  byHandEnds.push(raw);
  let got = "";
  raw.on("data", (chunk: Buffer) => (got += chunk.toString("hex")));
  raw.on("error", () => {});
  return { mux: multiplex(near, options), raw, got: () => got };
}

for (const [name, open] of trunks) {
  describe(`a multiplexer over a ${name}`, () => {
    it("carries all four kinds of call, both ways at once, and messages of 4 MiB", async () => {
      const [near, far] = await open();
      await using plugin = multiplex(near);
      await using runtime = multiplex(far);
      await using pluginServer = register(new Server());
      await using runtimeServer = register(new Server());
      pluginServer.accept(plugin.open(PLUGIN_SERVICE));
      runtimeServer.accept(runtime.open(RUNTIME_SERVICE));
      const clients = [await connect(plugin.open(RUNTIME_SERVICE)), await connect(runtime.open(PLUGIN_SERVICE))];
      await Promise.all(
        clients.map(async (client) => {
          const peer = client.service(Peer);
          const { echo, echoStream } = client.service(Streaming);
          const replies = await Promise.all(Array.from({ length: 500 }, (_, seq) => echo({ seq, msg: "x".repeat(seq * 20) })));
          assert.deepEqual(
            replies.map(({ seq, msg }) => seq === msg.length / 20 + 1),
            replies.map(() => true),
          );
          assert.equal((await collect(peer.count({ seq: 300, msg: "y".repeat(5_000) }))).length, 300);
          assert.equal((await peer.collect(Array.from({ length: 300 }, () => ({ msg: "z".repeat(1_000) })))).msg, "300000");
          assert.equal((await collect(echoStream([{ seq: 1 }, { seq: 2, msg: "w".repeat(60_000) }]))).at(-1)?.msg.length, 60_000);
          // 4 MiB, envelope included.
          const envelope = request(Streaming.typeName, "Echo", { payload: echoBytes(1) }).length;
          const msg = "m".repeat(MAX - envelope - 12);
          assert.equal((await echo({ seq: 1, msg })).msg.length, msg.length);
          await client.close();
        }),
      );
    });

    it("writes the frame of a call as one payload, and one over 4096 bytes as two", async () => {
      const { mux, raw, got } = await byHand(open);
      await using client = await connect(mux.open(RUNTIME_SERVICE));
      const { echo: call } = client.service(Streaming);
      const small = frame(1, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echoBytes(1) }));
      const first = failure(call({ seq: 1 }));
      await until(() => got().length === (8 + small.length) * 2, "the first request");
      assert.equal(got(), muxHeader(2, small.length).toString("hex") + small.toString("hex"));
      const text = "t".repeat(6_000);
      const second = failure(call({ seq: 2, msg: text }));
      const large = frame(3, REQUEST, 0, request(Streaming.typeName, "Echo", { payload: echoBytes(2, text) }));
      const expected = [muxHeader(2, 4096), large.subarray(0, 4096), muxHeader(2, large.length - 4096), large.subarray(4096)];
      await until(() => got().length === (8 + small.length + 16 + large.length) * 2, "the second request");
      assert.equal(got().slice((8 + small.length) * 2), Buffer.concat(expected).toString("hex"));
      // Several calls of one turn share a payload.
      const before = got().length;
      const more = Array.from({ length: 5 }, () => failure(call({ seq: 1 })));
      await until(() => got().length === before + (8 + 5 * small.length) * 2, "the five requests");
      raw.end();
      for (const one of [first, second, ...more]) assert.deepEqual(await one, CLOSED);
      await mux.close();
    });

    it("reads nothing before a connection is open, and loses nothing of those opened in one turn", async () => {
      const { mux, raw } = await byHand(open);
      const [one, two] = ["aa", "bbbb"].map((hex, i) => Buffer.concat([muxHeader(i + 1, hex.length / 2), bytes(hex)]));
      raw.write(Buffer.concat([one as Buffer, two as Buffer]));
      await new Promise((resolve) => setTimeout(resolve, 20));
      const chunks: string[] = [];
      for (const id of [1, 2]) mux.open(id).on("data", (chunk: Buffer) => chunks.push(`${id} ${chunk.toString("hex")}`));
      await until(() => chunks.length === 2, "both payloads");
      assert.deepEqual(chunks, ["1 aa", "2 bbbb"]);
      await mux.close();
    });

    it("drops what is for nobody: ids that are not open, 0 among them, and those that were closed", async () => {
      const { mux, raw } = await byHand(open);
      const chunks: string[] = [];
      mux.open(1).on("data", (chunk: Buffer) => chunks.push(chunk.toString("hex")));
      const closed = mux.open(3);
      closed.destroy();
      const parts = [0, 2, 3, 0xffffffff].map((id) => Buffer.concat([muxHeader(id, 100_000), Buffer.alloc(100_000)]));
      raw.write(Buffer.concat([...parts, muxHeader(1, 0), muxHeader(1, 2), bytes("abcd")]));
      await until(() => chunks.length === 1, "what is for 1");
      assert.deepEqual(chunks, ["abcd"]);
      // Closing is local: the id can be opened again.
      const again = mux.open(3);
      again.on("data", (chunk: Buffer) => chunks.push(chunk.toString("hex")));
      raw.write(Buffer.concat([muxHeader(3, 1), bytes("ee")]));
      await until(() => chunks.length === 2, "what is for 3");
      await mux.close();
    });

    it("refuses ids that are none, or open", async () => {
      const { mux } = await byHand(open);
      mux.open(1);
      mux.open(4_294_967_295);
      const rows: [number, Code, string][] = [
        [0, Code.InvalidArgument, "connection id 0 is reserved; ids are integers from 1 to 4294967295"],
        [4_294_967_296, Code.InvalidArgument, "connection id 4294967296 is none; ids are integers from 1 to 4294967295"],
        [-1, Code.InvalidArgument, "connection id -1 is none; ids are integers from 1 to 4294967295"],
        [1.5, Code.InvalidArgument, "connection id 1.5 is none; ids are integers from 1 to 4294967295"],
        [1, Code.AlreadyExists, "connection 1 is open already"],
      ];
      for (const [id, code, message] of rows) assert.throws(() => mux.open(id), { code, message });
      await mux.close();
      assert.throws(() => mux.open(5), ClosedError);
    });

    it("ends all of its connections when the trunk ends, after what came before", async () => {
      const { mux, raw } = await byHand(open);
      await using client = await connect(mux.open(2));
      const call = client.service(Streaming).echo({ seq: 1 });
      const pending = failure(client.service(Streaming).echo({ seq: 2 }));
      const idle = await connect(mux.open(9));
      const reply = bytes("00000004 00000001 0200 1202 0805");
      raw.end(Buffer.concat([muxHeader(2, reply.length), reply]));
      assert.equal((await call).seq, 5);
      assert.deepEqual(await pending, CLOSED);
      assert.equal(await idle.closed, undefined);
      assert.equal(await mux.closed, undefined);
    });

    const cuts: readonly (readonly [string, Buffer, string])[] = [
      ["a header", muxHeader(2, 5).subarray(0, 5), "the trunk ended after 5 of the 8 bytes of a header: protocol error"],
      ["a payload", Buffer.concat([muxHeader(2, 5), bytes("000000")]), "the trunk ended after 3 of the 5 bytes of a payload for connection 2: protocol error"],
    ];
    for (const [what, sent, text] of cuts) {
      it(`says so when the trunk ends in the middle of ${what}`, async () => {
        const { mux, raw } = await byHand(open);
        await using client = await connect(mux.open(2));
        const call = rejection(client.service(Streaming).echo({}));
        raw.end(sent);
        const error = (await call) as ClosedError;
        assert.ok(error instanceof ClosedError && error.cause instanceof ProtocolError);
        assert.equal(error.cause.message, text);
        assert.equal((await mux.closed)?.cause, error.cause);
      });
    }

    it("fails when a payload is longer than allowed, before any of it has come", async () => {
      const { mux, raw } = await byHand(open);
      await using client = await connect(mux.open(2));
      raw.write(muxHeader(2, 0xffffffff));
      const reason = await client.closed;
      assert.equal(
        reason?.cause instanceof Error && reason.cause.message,
        "a payload of 4294967295 bytes for connection 2 exceeds the 4194314 byte limit: protocol error",
      );
      assert.ok((await mux.closed)?.cause instanceof ProtocolError);
      await until(() => raw.destroyed || raw.readableEnded, "the end of the trunk");
    });

    it("pauses the trunk while one connection is not read, and goes on when it is", async () => {
      const { mux, raw } = await byHand(open, { inboxBytes: 200_000 });
      const slow = mux.open(1);
      const chunks: string[] = [];
      mux.open(2).on("data", (chunk: Buffer) => chunks.push(chunk.toString("hex")));
      const part = Buffer.concat([muxHeader(1, 65_536), Buffer.alloc(65_536, 7)]);
      const total = 200;
      let taken = 0;
      for (let i = 0; i < total; i++) raw.write(part, () => taken++);
      raw.write(Buffer.concat([muxHeader(2, 1), bytes("ab")]));
      await until(() => taken > 1, "the first of it");
      let before = -1;
      while (before !== taken) {
        before = taken;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      // The inbox, what a Duplex keeps for its reader, what Node reads at once, and the system's buffers: far from all.
      assert.ok(taken < total / 2, `${taken} of ${total} were taken`);
      assert.deepEqual(chunks, []);
      let received = 0;
      slow.on("data", (chunk: Buffer) => (received += chunk.length));
      await until(() => received === total * 65_536 && chunks.length === 1, "all of it");
      await mux.close();
    });

    it("counts small pieces as more than their bytes, and a closed connection holds nobody up", async () => {
      const { mux, raw } = await byHand(open, { inboxBytes: 65_536 });
      const slow = mux.open(1);
      let received = 0;
      mux.open(2).on("data", (chunk: Buffer) => (received += chunk.length));
      // Each byte costs 64 more: the trunk is paused long before 1 MiB of them has come.
      const small = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.concat([muxHeader(1, 1), Buffer.alloc(1)])));
      let taken = 0;
      const parts = 40;
      for (let i = 0; i < parts; i++) raw.write(small, () => taken++);
      raw.write(Buffer.concat([muxHeader(2, 1), bytes("ab")]));
      let before = -1;
      while (before !== taken) {
        before = taken;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      assert.ok(taken < parts / 2, `${taken} of ${parts} were taken`);
      assert.equal(received, 0);
      slow.destroy();
      await until(() => received === 1, "what is for the other");
      await mux.close();
    });

    it("fails when a connection is not read at all: both ends learn of it", async () => {
      const { mux, raw } = await byHand(open, { inboxBytes: 100_000, stallMs: 50 });
      const [stuck, other] = [mux.open(1), mux.open(2)];
      const reasons = Promise.all([stuck, other].map((connection) => new Promise<Error>((resolve) => connection.once("error", resolve))));
      const ended = new Promise((resolve) => raw.once("end", resolve).once("close", resolve));
      for (let i = 0; i < 20; i++) raw.write(Buffer.concat([muxHeader(1, 50_000), Buffer.alloc(50_000)]));
      const [error, same] = await reasons;
      assert.ok(error instanceof StreamFullError);
      assert.match(error.message, /^nothing of connection 1 was read for 50 ms, with \d{6} bytes waiting$/);
      assert.equal(same, error);
      assert.equal((await mux.closed)?.cause, error);
      await ended;
    });

    it("waits for a reader that is slow", async () => {
      const { mux, raw } = await byHand(open, { inboxBytes: 50_000, stallMs: 100 });
      const slow = mux.open(1);
      let received = 0;
      for (let i = 0; i < 40; i++) raw.write(Buffer.concat([muxHeader(1, 50_000), Buffer.alloc(50_000)]));
      for await (const chunk of slow) {
        received += (chunk as Buffer).length;
        if (received === 2_000_000) break;
        // The whole of it takes far longer than the limit.
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      assert.equal(received, 2_000_000);
      await mux.close();
    });

    it("both ends of which wait for the other to read: the calls end in bounded time", async () => {
      const [near, far] = await open();
      await using one = multiplex(near, { stallMs: 100 });
      await using other = multiplex(far, { stallMs: 100 });
      const servers = [register(new Server()), register(new Server())] as const;
      servers[0].accept(one.open(1));
      servers[1].accept(other.open(2));
      const clients = [await connect(one.open(2)), await connect(other.open(1))] as const;
      // Neither server takes requests while its replies are not read, and the replies lie behind requests that are not taken.
      const msg = "x".repeat(100_000);
      const calls = clients.flatMap((client) => Array.from({ length: 400 }, () => client.service(Streaming).echo({ msg })));
      const results = await Promise.allSettled(calls);
      const lost = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
      assert.ok(lost.every((error) => error instanceof ClosedError));
      // It may go well, when the buffers in between are large enough.
      assert.ok(lost.length === 0 || lost.some((error) => error.cause instanceof StreamFullError));
      for (const server of servers) await server.close();
    });

    it("breaks while nobody uses its connections yet: that is no uncaught error", async () => {
      const { mux, raw } = await byHand(open);
      mux.open(1);
      raw.write(muxHeader(1, 0xffffffff));
      assert.ok((await mux.closed)?.cause instanceof ProtocolError);
    });

    it("ends: closed twice, disposed; its calls fail, the peer sees the end", async () => {
      const { mux, raw, got } = await byHand(open);
      const client = await connect(mux.open(2));
      const call = failure(client.service(Streaming).echo({ seq: 1 }));
      await until(() => got() !== "", "the request");
      const ended = new Promise((resolve) => raw.once("end", resolve));
      await Promise.all([mux.close(), mux.close()]);
      await mux[Symbol.asyncDispose]();
      assert.equal(await mux.closed, undefined);
      assert.deepEqual(await call, CLOSED);
      await client.closed;
      await ended;
    });

    it("closes within a second when its peer does not read", async () => {
      const { mux, raw } = await byHand(open);
      raw.pause();
      const connection = mux.open(1);
      connection.on("error", () => {});
      connection.write(frame(1, 3, 0, Buffer.alloc(MAX)));
      const startedMs = performance.now();
      await mux.close();
      assert.ok(performance.now() - startedMs < 5_000);
      raw.destroy();
    });

    it("a call waits while the peer does not read the trunk, and its deadline holds", async () => {
      const { mux, raw } = await byHand(open);
      raw.pause();
      await using client = await connect(mux.open(2));
      const { echo: call } = client.service(Streaming);
      const waiting = Array.from({ length: 5 }, () => failure(call({ msg: "x".repeat(1_000_000) })));
      assert.equal((await failure(call({}, { timeoutMs: 30 })))[0], Code.DeadlineExceeded);
      raw.destroy();
      for (const one of waiting) assert.deepEqual(await one, CLOSED);
    });

    it("tells a writer that ends in the middle of a ttrpc frame", async () => {
      const { mux, got } = await byHand(open);
      const connection = mux.open(1);
      connection.write(Buffer.alloc(5));
      const error = await new Promise<Error>((resolve) => connection.once("error", resolve).end());
      assert.equal(error.message, "connection 1 was ended in the middle of a ttrpc frame: protocol error");
      assert.equal(got(), "");
      await mux.close();
    });
  });
}

describe("a multiplexer by address", () => {
  const accepting = async (path: string): Promise<{ readonly server: Server; close(): void }> => {
    const server = register(new Server());
    const muxes: Multiplexer[] = [];
    const listener = createServer((socket) => {
      const mux = multiplex(socket);
      muxes.push(mux);
      server.accept(mux.open(RUNTIME_SERVICE));
    }).listen(path);
    await new Promise((resolve) => listener.once("listening", resolve));
    return {
      server,
      close() {
        listener.close();
        for (const mux of muxes) void mux.close();
      },
    };
  };

  it("connects by itself", async () => {
    const path = freePath();
    const at = await accepting(path);
    await using mux = multiplex(`unix://${path}`);
    await using client = await connect(mux.open(RUNTIME_SERVICE));
    assert.equal((await client.service(Streaming).echo({ seq: 1 })).seq, 2);
    at.close();
  });

  it("takes a socket that the process has inherited", async () => {
    const path = freePath();
    const at = await accepting(path);
    const socket = netConnect(path);
    await new Promise((resolve) => socket.once("connect", resolve));
    const program = `
      import { connect } from "ttrpc";
      import { multiplex, RUNTIME_SERVICE } from "ttrpc/multiplex";
      const mux = multiplex("fd:" + process.env.NRI_PLUGIN_SOCKET);
      const client = await connect(mux.open(RUNTIME_SERVICE));
      const Bytes = { typeName: "x", create: () => ({}), encode: (_, writer) => writer.uint32(8).uint32(41), decode: (reader, length) => ({ value: (reader.uint32(), reader.uint32()) }) };
      console.log((await client.call("ttrpc.integration.streaming.Streaming", { kind: "unary", name: "Echo", input: Bytes, output: Bytes }, {})).value);
      await mux.close();`;
    const child = startProgram(program, [], { stdio: ["ignore", "pipe", "pipe", socket], env: { ...process.env, NRI_PLUGIN_SOCKET: "3" } });
    const { code, out, errors } = await child.outcome;
    assert.deepEqual([code, out, errors], [0, "42", ""]);
    socket.destroy();
    at.close();
  });

  it("says why it cannot", async () => {
    const address = `unix://${freePath()}`;
    const mux = multiplex(address);
    const client = await connect(mux.open(RUNTIME_SERVICE));
    const error = (await rejection(client.service(Streaming).echo({}))) as TtrpcError;
    assert.deepEqual([error.code, error.message], CLOSED);
    const cause = error.cause as TtrpcError;
    assert.ok(cause instanceof TtrpcError);
    assert.deepEqual([cause.code, cause.message], [Code.NotFound, `cannot connect to ${address}: ENOENT: no such file or directory`]);
    assert.equal((await mux.closed)?.cause, cause);
    assert.throws(() => multiplex("nonsense"), { code: Code.InvalidArgument });
    assert.throws(() => multiplex("/run/x.sock", { inboxBytes: 0 }), /multiplex: option "inboxBytes" must be an integer from 1/);
  });
});
