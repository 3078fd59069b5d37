// ReceiveQueue at its bound: the socket is paused; a reader who takes nothing at all fails, a slow one does not.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { Code, StreamFullError } from "#lib/index.js";
import type { Connection } from "#lib/connection.js";
import { DeadlineQueue } from "#lib/deadlines.js";
import { ReceiveQueue } from "#lib/receive-queue.js";

/** What a message counts beside its bytes. */
const OVERHEAD_BYTES = 64;
const STALL_MS = 1_000;
/** Ten messages of 36 bytes fit, the eleventh does not. */
const limits = { streamBufferBytes: 1_000, streamStallMs: STALL_MS };
const MESSAGE_BYTES = 100 - OVERHEAD_BYTES;

let clockMs = 0;
beforeEach(() => {
  clockMs = 1_000;
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(performance, "now", () => clockMs);
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});
function advance(ms: number): void {
  clockMs += ms;
  mock.timers.tick(ms);
}

/** As much of a connection as a queue uses. */
class FakeConnection {
  readonly deadlines: DeadlineQueue = new DeadlineQueue();
  readonly flow: ("pause" | "resume")[] = [];
  pause(): void {
    this.flow.push("pause");
  }
  resume(): void {
    this.flow.push("resume");
  }
}

function setUp(messages: number): { connection: FakeConnection; queue: ReceiveQueue<number>; events: string[]; push(count: number): void } {
  const connection = new FakeConnection();
  const events: string[] = [];
  const queue = new ReceiveQueue<number>(
    connection as unknown as Connection,
    limits,
    () => events.push("full"),
    () => events.push("cancel"),
  );
  let sent = 0;
  const push = (count: number): void => {
    for (let i = 0; i < count; i++) queue.push(sent++, MESSAGE_BYTES);
  };
  push(messages);
  return { connection, queue, events, push };
}

describe("a queue at its bound", () => {
  it("pauses the socket above it, once, and takes what still comes", async () => {
    const { connection, queue, push } = setUp(10);
    assert.deepEqual(connection.flow, []);
    push(1);
    assert.deepEqual(connection.flow, ["pause"]);
    push(5);
    assert.deepEqual(connection.flow, ["pause"]);
    queue.end();
    const messages: number[] = [];
    for await (const message of queue) messages.push(message);
    assert.deepEqual(
      messages,
      Array.from({ length: 16 }, (_, i) => i),
    );
  });

  it("resumes at half of it", async () => {
    const { connection, queue } = setUp(11);
    for (let left = 10; left > 5; left--) {
      await queue.recv();
      assert.deepEqual(connection.flow, left === 5 ? ["pause", "resume"] : ["pause"], `${left} left`);
    }
    await queue.recv();
    assert.deepEqual(connection.flow, ["pause", "resume"]);
    assert.equal(connection.deadlines.size, 0);
  });

  it("counts small messages for more than their bytes", () => {
    const connection = new FakeConnection();
    const queue = new ReceiveQueue<number>(connection as unknown as Connection, limits);
    for (let i = 0; i < Math.floor(1_000 / OVERHEAD_BYTES); i++) queue.push(i, 0);
    assert.deepEqual(connection.flow, []);
    queue.push(0, 0);
    assert.deepEqual(connection.flow, ["pause"]);
  });

  it("does not count messages that somebody waits for", async () => {
    const { connection, queue, push } = setUp(0);
    const waiting = Array.from({ length: 50 }, () => queue.recv());
    push(50);
    assert.deepEqual((await Promise.all(waiting)).at(-1), 49);
    assert.deepEqual(connection.flow, []);
  });

  for (const [what, finish] of [
    ["end", (queue) => queue.end()],
    ["cancel", (queue) => queue.cancel()],
    ["dispose", (queue) => void queue[Symbol.asyncDispose]()],
  ] as readonly [string, (queue: ReceiveQueue<number>) => void][]) {
    it(`resumes when it is over: ${what}`, () => {
      const { connection, queue, events } = setUp(11);
      finish(queue);
      assert.deepEqual(connection.flow, ["pause", "resume"]);
      assert.equal(connection.deadlines.size, 0);
      advance(STALL_MS * 3);
      assert.equal(events.includes("full"), false);
    });
  }
});

describe("a queue that nobody reads", () => {
  it("fails after the stall time, behind its messages, and the socket goes on", async () => {
    const { connection, queue, events } = setUp(11);
    advance(STALL_MS - 1);
    assert.deepEqual([events, queue.open], [[], true]);
    advance(1);
    assert.deepEqual([events, queue.open], [["full"], false]);
    assert.deepEqual(connection.flow, ["pause", "resume"]);
    for (let i = 0; i < 11; i++) assert.equal(await queue.recv(), i);
    await assert.rejects(
      queue.recv(),
      (error: unknown) => error instanceof StreamFullError && error.code === Code.ResourceExhausted && error.message === "ttrpc: stream buffer full",
    );
    assert.deepEqual(connection.flow, ["pause", "resume"], "reading on changes nothing");
  });

  it("does not fail while it is below its bound, however long nobody reads", () => {
    const { queue, events } = setUp(10);
    advance(STALL_MS * 100);
    assert.deepEqual([events, queue.open], [[], true]);
  });
});

describe("a slow reader", () => {
  it("is slow, not dead: each message taken gives it the time anew", async () => {
    const { connection, queue, events, push } = setUp(11);
    for (let round = 0; round < 10; round++) {
      advance(STALL_MS - 1);
      await queue.recv();
      // It never gets below the bound for good.
      push(1);
    }
    assert.deepEqual([events, queue.open, connection.flow], [[], true, ["pause"]]);
    advance(STALL_MS);
    assert.deepEqual([events, queue.open], [["full"], false]);
  });

  it("may fill the queue again later: a new pause, and a new time", async () => {
    const { connection, queue, events, push } = setUp(11);
    for (let i = 0; i < 11; i++) await queue.recv();
    advance(STALL_MS * 5);
    push(11);
    assert.deepEqual(connection.flow, ["pause", "resume", "pause"]);
    advance(STALL_MS - 1);
    assert.deepEqual(events, []);
    advance(1);
    assert.deepEqual(events, ["full"]);
  });
});
