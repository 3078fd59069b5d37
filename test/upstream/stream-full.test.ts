// Mirrors stream_full_test.go: a stream that nobody reads does not take its connection with it. Upstream sends 10 and 20 messages,
// which its inbox of 64 holds; and a full inbox loses its stream after a second. Ours counts bytes: 1,000 messages wait where
// there is room for them, and beyond it a stream fails only after `streamStallMs` in which nothing was read.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Code, type HandlerContext, type ReceiveStream, StreamFullError, TtrpcError } from "ttrpc";
import { failure, gate, type Gate, onEachLink, until } from "../rpc/links.js";
import type { EchoPayload } from "../support/services.js";
import { echoes, GIVE_UP_MS, serve, type Serving, StreamService } from "./support.js";

const { typeName, methods } = StreamService;

/** Upstream's inbox: what a test here must exceed. */
const INBOX = 64;
const MESSAGES = 1_000;
/** About 100 of the messages. */
const SMALL = { streamBufferBytes: 8 << 10, streamStallMs: 400 };
/** Only to give up: a stream that should have failed would be waited for without end. */
const GIVE_UP = { timeoutMs: GIVE_UP_MS };
/** Timers may be early by a fraction of a millisecond. */
const EARLY_MS = 2;
/** Slow, but never still for as long as the limit; in all far longer than it. */
const SLOW_READS = 20;
const SLOW_READ_MS = 40;

/** Upstream's check that the connection still works: a unary call, and another stream. */
async function others(client: Client): Promise<void> {
  assert.deepEqual(await client.call(typeName, methods.echo, { seq: 42, msg: "must not deadlock" }, GIVE_UP), { seq: 43, msg: "must not deadlock" });
  const second = client.newStream(typeName, methods.echoStream, GIVE_UP);
  await second.send({ seq: 1, msg: "hello" });
  assert.deepEqual(await second.recv(), { seq: 2, msg: "hello" });
  await second.closeSend();
  assert.equal(await second.recv(), undefined);
}

interface Read {
  readonly seqs: readonly number[];
  /** What it ended with: undefined is the end of the stream. */
  readonly error: unknown;
}

/** Reads to the end, whichever that is. */
async function drain(stream: ReceiveStream<EchoPayload>): Promise<Read> {
  const seqs: number[] = [];
  try {
    for (let message = await stream.recv(); message !== undefined; message = await stream.recv()) seqs.push(message.seq);
    return { seqs, error: undefined };
  } catch (error) {
    return { seqs, error };
  }
}

/** `count` numbers from `first`: nothing lost, nothing twice, all in order. */
const numbers = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

function checkFull({ seqs, error }: Read, first: number): void {
  assert.ok(seqs.length > INBOX && seqs.length <= MESSAGES, `${seqs.length} messages`);
  assert.deepEqual(seqs, numbers(seqs.length, first), "what had come is delivered before the error");
  assert.ok(error instanceof StreamFullError, String(error));
  assert.deepEqual([error.code, error.message], [Code.ResourceExhausted, "ttrpc: stream buffer full"]);
}

onEachLink("stream_full_test.go", (link) => {
  describe("TestStreamNotConsumedDoesNotBlockConnection", () => {
    /** A stream of echoes that nobody reads, `MESSAGES` messages sent into it. */
    async function abandoned(serving: Serving, limits = {}) {
      const client = await serving.connect(limits);
      const stream = client.newStream(typeName, methods.echoStream, GIVE_UP);
      const startedMs = performance.now();
      for (let seq = 0; seq < MESSAGES; seq++) await stream.send({ seq, msg: "abandoned" });
      return { client, stream, startedMs };
    }
    const start = (): Promise<Serving> => serve(link, (server) => server.service(StreamService, echoes));

    it("with room for all of them: nothing is lost", async () => {
      await using serving = await start();
      const { client, stream } = await abandoned(serving);
      await until(() => client.stats().framesReceived === MESSAGES, "all echoes, unread");
      await others(client);
      await stream.closeSend();
      assert.deepEqual(await drain(stream), { seqs: numbers(MESSAGES, 1), error: undefined });
    });

    it("with too little: that stream alone fails, and not before its time", async () => {
      await using serving = await start();
      const { client, stream, startedMs } = await abandoned(serving, SMALL);
      const working = others(client);
      await until(() => client.stats().callsFailed === 1, "the failure");
      const tookMs = performance.now() - startedMs;
      assert.ok(tookMs >= SMALL.streamStallMs - EARLY_MS, `after ${tookMs} ms`);
      await working;
      assert.equal(client.stats().callsFailed, 1);
      checkFull(await drain(stream), 1);
    });

    it("with too little, and a slow reader: nothing fails, nothing is lost", async () => {
      await using serving = await start();
      const { client, stream } = await abandoned(serving, SMALL);
      const working = others(client);
      for (const seq of numbers(SLOW_READS, 1)) {
        await sleep(SLOW_READ_MS);
        assert.equal((await stream.recv())?.seq, seq);
      }
      await stream.closeSend();
      assert.deepEqual(await drain(stream), { seqs: numbers(MESSAGES - SLOW_READS, 1 + SLOW_READS), error: undefined });
      await working;
      assert.equal(client.stats().callsFailed, 0);
    });
  });

  describe("TestStreamFullOnServer", () => {
    interface Slow {
      readonly serving: Serving;
      readonly requests: Promise<ReceiveStream<EchoPayload>>;
      readonly context: Promise<HandlerContext>;
      /** Lets the handler return. */
      readonly finish: Gate<number>;
    }

    /** A handler that leaves its requests to the test. */
    async function slowConsumer(limits = {}): Promise<Slow> {
      const requests = gate<ReceiveStream<EchoPayload>>();
      const context = gate<HandlerContext>();
      const finish = gate<number>();
      const serving = await serve(
        link,
        (server) =>
          server.service(StreamService, {
            ...echoes,
            async slowConsumer(stream, handlerContext) {
              requests.open(stream);
              context.open(handlerContext);
              return { seq: await finish.promise };
            },
          }),
        limits,
      );
      return { serving, requests: requests.promise, context: context.promise, finish };
    }

    /** Sends `MESSAGES` messages that nobody takes. */
    async function fill({ serving, requests }: Slow) {
      const client = await serving.connect();
      const stream = client.newStream(typeName, methods.slowConsumer, GIVE_UP);
      // It must be ready, as upstream's is, and not reading.
      const unread = await requests;
      const startedMs = performance.now();
      for (let seq = 0; seq < MESSAGES; seq++) await stream.send({ seq, msg: "filling buffer" });
      return { client, stream, unread, startedMs };
    }

    it("with room for all of them: nothing is lost", async () => {
      const slow = await slowConsumer();
      await using serving = slow.serving;
      const { client, stream, unread } = await fill(slow);
      await until(() => serving.server.stats().framesReceived === MESSAGES + 1, "all requests, unread");
      await others(client);
      await stream.closeSend();
      assert.deepEqual(await drain(unread), { seqs: numbers(MESSAGES), error: undefined });
      slow.finish.open(MESSAGES);
      assert.deepEqual(await stream.recv(), { seq: MESSAGES, msg: "" });
    });

    it("with too little: that stream alone fails, and not before its time", async () => {
      const slow = await slowConsumer(SMALL);
      await using serving = slow.serving;
      const { client, stream, unread, startedMs } = await fill(slow);
      const working = others(client);
      const refusal = await failure(stream.recv());
      const tookMs = performance.now() - startedMs;
      assert.deepEqual(refusal, [Code.InvalidArgument, "data handling error: ttrpc: stream buffer full"]);
      assert.ok(tookMs >= SMALL.streamStallMs - EARLY_MS, `after ${tookMs} ms`);
      await working;
      checkFull(await drain(unread), 0);
      // Upstream's handler is not told; this one is, and what it still says goes nowhere.
      const { signal } = await slow.context;
      assert.ok(signal.aborted && signal.reason instanceof TtrpcError && signal.reason.code === Code.InvalidArgument, String(signal.reason));
      slow.finish.open(MESSAGES);
      await until(() => serving.server.stats().active === 0, "the end of the handler");
      await others(client);
    });

    it("with too little, and a slow reader: nothing fails, nothing is lost", async () => {
      const slow = await slowConsumer(SMALL);
      await using serving = slow.serving;
      const { client, stream, unread } = await fill(slow);
      const working = others(client);
      for (const seq of numbers(SLOW_READS)) {
        await sleep(SLOW_READ_MS);
        assert.equal((await unread.recv())?.seq, seq);
      }
      await stream.closeSend();
      assert.deepEqual(await drain(unread), { seqs: numbers(MESSAGES - SLOW_READS, SLOW_READS), error: undefined });
      slow.finish.open(MESSAGES);
      assert.deepEqual(await stream.recv(), { seq: MESSAGES, msg: "" });
      await working;
      assert.deepEqual([client.stats().callsFailed, serving.server.stats().callsFailed], [0, 0]);
    });
  });
});
