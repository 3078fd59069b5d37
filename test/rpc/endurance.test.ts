// What only shows after many calls, or with much of something: replies just before a close, the last stream ids, a million
// calls on one connection, ten thousand metadata pairs, a peer that stops reading.
import assert from "node:assert/strict";
import { it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Code, connect, Metadata, TtrpcError } from "ttrpc";
import { onEachChannel, startPair } from "../support/channels.js";
import { register } from "../support/implementations.js";
import { echo, FakeServer, frame, reply, REQUEST, request, replyHex, RESPONSE } from "../support/raw.js";
import { Peer, Streaming } from "../support/services.js";
import { dial } from "#lib/channel/dial.js";
import { ClientConnection } from "#lib/client-connection.js";
import { clientConfig } from "#lib/config.js";
import { makeStub } from "#lib/stub.js";
import { failure, onEachLink, pairOver, rawClient } from "./links.js";

const CLOSES = 3_000;
const CALLS = 1_000_000;
const PAIRS = 10_000;
const IN_FLIGHT = 256;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Memory {
  readonly heap: number;
  /** Buffers, and what the addon allocates. */
  readonly resident: number;
}

/** Bytes in use once garbage is gone. */
function memory(): Memory {
  collect();
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, resident: rss };
}

onEachChannel("a reply right before the end of the connection", (channel) => {
  it(`is delivered, ${CLOSES} times`, { timeout: 120_000 }, async () => {
    await using fake = await FakeServer.listen();
    for (let i = 0; i < CLOSES; i++) {
      const accepted = fake.accept();
      const client = await connect(fake.address, { channel });
      const answer = client.service(Streaming).echo({ seq: i });
      const raw = await accepted;
      await raw.next();
      raw.stream.end(frame(1, RESPONSE, 0, reply(echo(i + 1, "last words"))));
      assert.deepEqual(await answer, { seq: i + 1, msg: "last words" });
      await client.close();
    }
  });
});

onEachChannel("many calls", (channel) => {
  it(`${CALLS} on one connection leave nothing behind`, { timeout: 240_000 }, async (t) => {
    await using pair = await startPair(channel, (server) => server.service(Streaming, { echo: ({ seq, msg }) => ({ seq, msg }) }));
    const { echo: call } = pair.client.service(Streaming);
    const run = async (count: number): Promise<void> => {
      let left = count;
      const worker = async (): Promise<void> => {
        while (left-- > 0) await call({ seq: 1, msg: "again" });
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    };
    await run(CALLS / 20);
    const before = memory();
    await run(CALLS);
    const after = memory();
    const told = `the heap grew by ${after.heap - before.heap} bytes, the process by ${after.resident - before.resident}`;
    t.diagnostic(told);
    assert.ok(after.heap - before.heap < 2_000_000, told);
    // 32 bytes a call: a frame that stays somewhere is more, and what the collector keeps for later is less.
    assert.ok(after.resident - before.resident < 32 * CALLS, told);
    assert.deepEqual([pair.client.stats().active, pair.server.stats().active], [0, 0]);
    assert.equal(pair.client.stats().callsStarted, CALLS + CALLS / 20);
  });
});

onEachLink("metadata", (link) => {
  it(`${PAIRS} pairs, there and counted`, async () => {
    let seen: Metadata | undefined;
    await using pair = await pairOver(link, (server) =>
      server.service(Streaming, {
        echo: (request, context) => {
          seen = context.metadata;
          return request;
        },
      }),
    );
    const metadata = new Metadata();
    for (let i = 0; i < PAIRS; i++) metadata.append(`key-${i % 100}`, `value ${i}`);
    await pair.client.service(Streaming).echo({ seq: 1 }, { metadata });
    assert.equal([...(seen as Metadata)].length, PAIRS);
    assert.deepEqual(seen?.getAll("key-7").slice(0, 2), ["value 7", "value 107"]);
  });

  it("keys in upper case are found", async () => {
    let seen: Metadata | undefined;
    await using client = await rawClient(link, (server) =>
      server.service(Streaming, {
        echo: (message, context) => {
          seen = context.metadata;
          return message;
        },
      }),
    );
    const metadata = [
      ["X-Trace", "1"],
      ["x-trace", "2"],
    ] as const;
    await client.raw.send(frame(1, REQUEST, 0, request(Streaming.typeName, "Echo", { metadata })));
    await client.raw.next();
    assert.deepEqual(
      [seen?.getAll("x-trace"), seen?.getAll("X-TRACE")],
      [
        ["1", "2"],
        ["1", "2"],
      ],
    );
  });
});

onEachLink("one frame", (link) => {
  it("in 1,000 writes", async () => {
    await using client = await rawClient(link, register);
    const payload = echo(1, "z".repeat(1_000));
    const bytes = frame(1, REQUEST, 0, request(Streaming.typeName, "Echo", { payload }));
    const size = bytes.length / 1_000;
    for (let i = 0; i < 1_000; i++) await client.raw.send(bytes.subarray(Math.floor(i * size), Math.floor((i + 1) * size)));
    assert.equal(await client.raw.nextHex(), replyHex(1, echo(2, "z".repeat(1_000))));
  });
});

onEachChannel("a server that does not read", (channel) => {
  it("a deadline ends a call that is still waiting to be written, and close ends the rest", async () => {
    await using fake = await FakeServer.listen();
    const accepted = fake.accept();
    const client = await connect(fake.address, { channel });
    const raw = await accepted;
    raw.stream.pause();
    const { blob } = client.service(Peer);
    const msg = "x".repeat(1_000_000);
    const waiting = Array.from({ length: 12 }, () => failure(blob({ seq: 1, msg })));
    assert.deepEqual(await failure(blob({ seq: 1, msg }, { timeoutMs: 50 })), [Code.DeadlineExceeded, "context deadline exceeded"]);
    await client.close();
    assert.deepEqual(new Set((await Promise.all(waiting)).map(([code]) => code)), new Set([Code.Unavailable]));
  });
});

onEachChannel("stream ids", (channel) => {
  it("the last is used, and then none: not even 1 again", async () => {
    await using fake = await FakeServer.listen();
    const accepted = fake.accept();
    const config = clientConfig({ channel });
    const connection = new ClientConnection(await dial(fake.address, config), config, () => {}, 0xfffffffd);
    const stub = makeStub(connection, Streaming, {});
    const raw = await accepted;
    for (const id of [0xfffffffd, 0xffffffff]) {
      const answer = stub.echo({ seq: 1 });
      assert.equal((await raw.next()).streamId, id);
      await raw.send(frame(id, RESPONSE, 0, reply(echo(2))));
      assert.equal((await answer).seq, 2);
    }
    const spent = await stub.echo({ seq: 1 }).catch((error: unknown) => error);
    assert.ok(spent instanceof TtrpcError);
    assert.deepEqual([spent.code, spent.message], [Code.Unavailable, "the stream ids of this connection are used up after 2147483648 calls: connect anew"]);
    const stream = await failure(stub.echoStream([{ seq: 1 }]).recv());
    assert.equal(stream[0], Code.Unavailable);
    assert.deepEqual(raw.unread, []);
    await connection.closeGently();
  });
});
