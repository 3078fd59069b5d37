// ReceiveQueue: what its reader sees, in every order of sending, reading, ending and giving up.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, TtrpcError } from "#lib/index.js";
import type { Connection } from "#lib/connection.js";
import { ReceiveQueue } from "#lib/receive-queue.js";

/** No bound is ever reached: see receive-queue-stall.test.ts. */
const limits = { streamBufferBytes: 1 << 30, streamStallMs: 1_000 };
const connection = {} as Connection;

const broken = new TtrpcError(Code.NotFound, "gone");

class Queue extends ReceiveQueue<string> {
  readonly cancels: unknown[] = [];
  constructor() {
    super(connection, limits, undefined, (reason) => this.cancels.push(reason));
  }
  fill(...messages: readonly string[]): this {
    for (const message of messages) this.push(message, 1);
    return this;
  }
}

async function all(queue: Queue): Promise<string[]> {
  const messages: string[] = [];
  for await (const message of queue) messages.push(message);
  return messages;
}

describe("recv", () => {
  it("gives messages in order, then undefined for ever", async () => {
    const queue = new Queue().fill("a", "b");
    queue.end();
    assert.deepEqual([await queue.recv(), await queue.recv(), await queue.recv(), await queue.recv()], ["a", "b", undefined, undefined]);
  });

  it("waits for messages; several that wait get them in the order they asked", async () => {
    const queue = new Queue();
    const waiting = [queue.recv(), queue.recv(), queue.recv(), queue.recv()];
    queue.fill("a", "b");
    queue.fill("c");
    queue.end();
    assert.deepEqual(await Promise.all(waiting), ["a", "b", "c", undefined]);
  });

  it("falsy messages are messages", async () => {
    const queue = new ReceiveQueue<number>(connection, limits);
    queue.push(0, 1);
    assert.equal(await queue.recv(), 0);
    const waiting = queue.recv();
    queue.push(0, 1);
    assert.equal(await waiting, 0);
  });

  it("gives what is queued before the error, and the error for ever", async () => {
    const queue = new Queue().fill("a");
    queue.fail(broken);
    assert.equal(await queue.recv(), "a");
    await assert.rejects(queue.recv(), broken);
    await assert.rejects(queue.recv(), broken);
  });

  it("an error reaches all that wait", async () => {
    const queue = new Queue();
    const waiting = [queue.recv(), queue.recv()];
    queue.fail(broken);
    for (const one of waiting) await assert.rejects(one, broken);
  });

  it("many messages, compacted on the way, keep their order", async () => {
    const queue = new Queue();
    let sent = 0;
    let received = 0;
    // Never empty, so that nothing is reset on the way.
    for (let i = 0; i < 3_000; i++) queue.fill(`${sent++}`);
    while (received < 5_000) {
      assert.equal(await queue.recv(), `${received++}`);
      if (sent < 5_000) queue.fill(`${sent++}`);
    }
    queue.end();
    assert.equal(await queue.recv(), undefined);
  });
});

describe("after the end", () => {
  it("nothing more is taken: neither messages nor errors nor another end", async () => {
    const ended = new Queue().fill("a");
    assert.equal(ended.open, true);
    ended.end();
    assert.equal(ended.open, false);
    ended.fill("late").fail(broken);
    ended.end();
    assert.deepEqual(await all(ended), ["a"]);

    const failed = new Queue();
    failed.fail(broken);
    failed.fill("late").end();
    failed.fail(new TtrpcError(Code.Internal, "second"));
    await assert.rejects(failed.recv(), broken);
  });
});

describe("iterating", () => {
  it("gives all messages and ends", async () => {
    const queue = new Queue().fill("a", "b");
    setImmediate(() => queue.fill("c").end());
    assert.deepEqual(await all(queue), ["a", "b", "c"]);
    assert.deepEqual(queue.cancels, [], "a stream that has ended by itself is not cancelled");
  });

  it("throws the error behind the messages", async () => {
    const queue = new Queue().fill("a", "b");
    queue.fail(broken);
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const message of queue) seen.push(message);
    }, broken);
    assert.deepEqual(seen, ["a", "b"]);
  });

  it("next() may be called before the last one has settled", async () => {
    const queue = new Queue().fill("a");
    const iterator = queue[Symbol.asyncIterator]();
    const results = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    queue.fill("b", "c").end();
    assert.deepEqual(await Promise.all(results), [
      { done: false, value: "a" },
      { done: false, value: "b" },
      { done: false, value: "c" },
      { done: true, value: undefined },
    ]);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it("breaking out releases the stream: what is queued is dropped, what comes later ignored", async () => {
    const queue = new Queue().fill("a", "b", "c");
    for await (const message of queue) if (message === "a") break;
    assert.deepEqual(queue.cancels, [undefined]);
    assert.equal(queue.open, false);
    queue.fill("late");
    queue.fail(broken);
    await assert.rejects(queue.recv(), new Error("recv() on a stream that is being iterated: use one or the other"));
  });

  it("return() settles a next() that waits as done, and is told once", async () => {
    const queue = new Queue();
    const iterator = queue[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next()];
    assert.deepEqual(await iterator.return?.(), { done: true, value: undefined });
    assert.deepEqual(await Promise.all(waiting), [
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    await iterator.return?.();
    assert.deepEqual(queue.cancels, [undefined]);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it("return() after a failure hides the error: nobody wants it any more", async () => {
    const queue = new Queue().fill("a");
    const iterator = queue[Symbol.asyncIterator]();
    queue.fail(broken);
    await iterator.return?.();
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    assert.deepEqual(queue.cancels, [], "it was over already");
  });
});

describe("two readers are a mistake", () => {
  it("recv() while iterating", async () => {
    const queue = new Queue().fill("a");
    queue[Symbol.asyncIterator]();
    await assert.rejects(queue.recv(), new Error("recv() on a stream that is being iterated: use one or the other"));
  });

  it("iterating while recv() is used", async () => {
    const queue = new Queue().fill("a", "b");
    await queue.recv();
    assert.throws(() => queue[Symbol.asyncIterator](), new Error("iterating a stream that recv() is used on: use one or the other"));
    assert.equal(await queue.recv(), "b", "the first reader is no worse for it");
  });

  it("iterating twice", async () => {
    const queue = new Queue().fill("a");
    const iterator = queue[Symbol.asyncIterator]();
    assert.throws(() => queue[Symbol.asyncIterator](), new Error("the stream is being iterated already"));
    assert.deepEqual(await iterator.next(), { done: false, value: "a" });
  });
});

describe("giving up", () => {
  it("cancel() ends those that wait with Canceled and the reason as its cause", async () => {
    const queue = new Queue();
    const waiting = queue.recv();
    const reason = new Error("no more");
    queue.cancel(reason);
    await assert.rejects(waiting, { code: Code.Canceled, message: "context canceled", cause: reason });
    await assert.rejects(queue.recv(), { code: Code.Canceled });
    assert.deepEqual(queue.cancels, [reason]);
  });

  it("cancel() drops what is queued", async () => {
    const queue = new Queue().fill("a", "b");
    queue.cancel();
    await assert.rejects(queue.recv(), { code: Code.Canceled, message: "context canceled" });
  });

  it("cancel() after the end drops what is queued, and leaves the end an end", async () => {
    const queue = new Queue().fill("a");
    queue.end();
    queue.cancel();
    assert.equal(await queue.recv(), undefined);
  });

  it("cancel() after a failure keeps the first error", async () => {
    const queue = new Queue().fill("a");
    queue.fail(broken);
    queue.cancel();
    await assert.rejects(queue.recv(), broken);
  });

  it("disposing releases without an error", async () => {
    const queue = new Queue().fill("a");
    const waiting = new Queue();
    const pending = waiting.recv();
    await queue[Symbol.asyncDispose]();
    await waiting[Symbol.asyncDispose]();
    await waiting[Symbol.asyncDispose]();
    assert.deepEqual([await queue.recv(), await pending], [undefined, undefined]);
    assert.deepEqual([queue.cancels, waiting.cancels], [[undefined], [undefined]]);
  });
});
