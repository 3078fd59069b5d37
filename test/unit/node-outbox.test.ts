// The outbox of the Node channels: which bytes reach which stream, and when a buffer may be used again.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { nodeOutbox, type OutboxTarget } from "#lib/channel/node-outbox.js";
import { REFERENCE_BYTES } from "#lib/wire/writer.js";
import { encode, frame } from "./frames.js";

const outbox = nodeOutbox();
const open: number[] = [];

/** A stream that keeps what it is given, as bytes and as the buffers themselves. */
class Target implements OutboxTarget {
  readonly keepsBuffers: boolean;
  readonly handle: number = outbox.register(this);
  readonly writes: Buffer[] = [];
  readonly buffers: (readonly Buffer[])[] = [];
  answer: "done" | "pending" = "done";
  onWrite: (() => void) | undefined;

  constructor(keepsBuffers = false) {
    this.keepsBuffers = keepsBuffers;
    open.push(this.handle);
  }

  write(buffers: readonly Buffer[]): "done" | "pending" {
    this.writes.push(Buffer.concat(buffers));
    this.buffers.push(buffers);
    this.onWrite?.();
    return this.answer;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }
}

function send(target: Target, streamId: number, payload: string | Buffer, type = 3, flags = 0): void {
  outbox.begin().raw(Buffer.from(payload));
  outbox.end(target.handle, streamId, type, flags);
}

afterEach(() => {
  for (const handle of open.splice(0)) outbox.unregister(handle);
});

describe("frames of one tick", () => {
  it("go out as one buffer, headers and all, after the microtasks", async () => {
    const target = new Target();
    send(target, 1, "one", 1, 6);
    await Promise.resolve();
    send(target, 3, "");
    await Promise.resolve().then(() => send(target, 5, "three"));
    assert.equal(target.writes.length, 0, "not yet");
    await nextTurn();
    assert.equal(target.writes.length, 1);
    assert.equal(target.buffers[0]?.length, 1);
    assert.deepEqual(target.bytes, encode(frame(1, "one", 1, 6), frame(3), frame(5, "three")));
  });

  it("of two targets reach each its own, in order", () => {
    const [a, b, c] = [new Target(), new Target(), new Target()];
    for (let i = 0; i < 6; i++) {
      send(a, i, `a${i}`);
      send(b, i, `b${i}`);
      if (i % 2 === 0) send(b, i + 100, `b${i} again`);
      if (i === 3) send(c, 3, "c");
    }
    outbox.flush();
    assert.deepEqual(a.bytes, encode(...[0, 1, 2, 3, 4, 5].map((i) => frame(i, `a${i}`))));
    assert.deepEqual(b.bytes, encode(...[0, 1, 2, 3, 4, 5].flatMap((i) => [frame(i, `b${i}`), ...(i % 2 === 0 ? [frame(i + 100, `b${i} again`)] : [])])));
    assert.deepEqual(c.bytes, encode(frame(3, "c")));
    // What lies side by side goes out as one piece: two frames in a row of b are one buffer.
    assert.deepEqual(
      b.buffers[0]?.map((buffer) => buffer.length),
      [12 + 18, 12, 12 + 18, 12, 12 + 18, 12],
    );
  });

  it("none: nothing is written", () => {
    const target = new Target();
    outbox.flush();
    outbox.begin().raw([1, 2, 3]);
    outbox.abort();
    outbox.flush();
    assert.deepEqual(target.writes, []);
  });

  it("a dropped one leaves nothing behind, and its neighbours alone", () => {
    const target = new Target();
    send(target, 1, "before");
    outbox.begin().bytes(Buffer.alloc(REFERENCE_BYTES)).string("dropped");
    outbox.abort();
    send(target, 3, "after");
    outbox.flush();
    assert.deepEqual(target.bytes, encode(frame(1, "before"), frame(3, "after")));
  });

  it("two at once are a mistake", () => {
    outbox.begin();
    assert.throws(() => outbox.begin(), new Error("a message is being encoded: a getter or an encoder made a call of its own"));
    outbox.abort();
    assert.doesNotThrow(() => outbox.begin());
    outbox.abort();
  });

  it("frameBytes counts the payload of the open one, references included", () => {
    const target = new Target();
    send(target, 1, "before");
    const writer = outbox.begin();
    assert.equal(outbox.frameBytes, 0);
    writer.raw([1, 2, 3]).raw(Buffer.alloc(REFERENCE_BYTES));
    assert.equal(outbox.frameBytes, 3 + REFERENCE_BYTES);
    outbox.abort();
  });
});

describe("early flush", () => {
  it("of a frame with a referenced part: at once, the part uncopied", () => {
    const target = new Target();
    const large = Buffer.alloc(REFERENCE_BYTES, 1);
    send(target, 1, "first");
    outbox.begin().raw([7]).raw(large).raw([8]).raw(large).raw(large);
    outbox.end(target.handle, 3, 3, 0);
    assert.equal(target.writes.length, 1, "without waiting for the tick");
    assert.deepEqual(target.bytes, encode(frame(1, "first"), frame(3, Buffer.concat([Buffer.from([7]), large, Buffer.from([8]), large, large]))));
    const kept = target.buffers[0]?.filter((buffer) => buffer.buffer === large.buffer && buffer.byteOffset === large.byteOffset);
    assert.equal(kept?.length, 3);
  });

  it("of a frame with a referenced part behind frames of others", () => {
    const [a, b] = [new Target(), new Target()];
    const large = Buffer.alloc(REFERENCE_BYTES, 1);
    send(a, 1, "a");
    send(b, 1, "b");
    send(a, 3, "a again");
    outbox.begin().raw(large).raw([1]);
    outbox.end(b.handle, 3, 3, 0);
    assert.deepEqual(a.bytes, encode(frame(1, "a"), frame(3, "a again")));
    assert.deepEqual(b.bytes, encode(frame(1, "b"), frame(3, Buffer.concat([large, Buffer.from([1])]))));
  });

  it("after 128 KiB, and after 4096 frames", () => {
    const target = new Target();
    const payload = Buffer.alloc(10_000, 3);
    for (let i = 0; i < 13; i++) send(target, 1, payload);
    assert.equal(target.writes.length, 0);
    send(target, 1, payload);
    assert.equal(target.writes.length, 1);

    const other = new Target();
    for (let i = 0; i < 4_095; i++) send(other, i, "");
    assert.equal(other.writes.length, 0);
    send(other, 4_095, "");
    assert.equal(other.writes.length, 1);
    assert.deepEqual(other.bytes, encode(...Array.from({ length: 4_096 }, (_, i) => frame(i))));
  });

  it("a frame larger than the arena makes it grow", () => {
    const target = new Target();
    const text = "x".repeat(1 << 20);
    outbox.begin().string(text);
    outbox.end(target.handle, 1, 3, 0);
    assert.deepEqual(target.bytes, encode(frame(1, Buffer.concat([Buffer.from([0x80, 0x80, 0x40]), Buffer.from(text)]))));
  });
});

describe("a turn that is full", () => {
  it("makes senders wait for the next one, and then no more", async () => {
    await outbox.turn();
    const target = new Target();
    assert.equal(outbox.turn(), undefined);
    for (let i = 0; i < 14; i++) send(target, 1, Buffer.alloc(10_000));
    const wait = outbox.turn();
    assert.ok(wait instanceof Promise);
    assert.equal(outbox.turn(), wait, "one promise for all");
    await wait;
    assert.equal(outbox.turn(), undefined);
  });
});

describe("a buffer", () => {
  it("that a stream still reads from is not written to again", () => {
    const target = new Target();
    target.answer = "pending";
    for (let i = 0; i < 5; i++) {
      send(target, i, `payload ${i}`);
      outbox.flush();
    }
    // Still what it was, after four more flushes.
    for (const [i, buffers] of target.buffers.entries()) assert.deepEqual(Buffer.concat(buffers), encode(frame(i, `payload ${i}`)));
    const arenas = new Set(target.buffers.map(([buffer]) => buffer?.buffer));
    assert.equal(arenas.size, 5);
  });

  it("is kept from all if one of two streams still reads from it", () => {
    const [a, b] = [new Target(), new Target()];
    a.answer = "pending";
    send(a, 1, "a");
    send(b, 1, "b");
    outbox.flush();
    for (let i = 0; i < 3; i++) {
      send(b, 3, "overwritten?");
      outbox.flush();
    }
    assert.deepEqual(Buffer.concat(a.buffers[0] ?? []), encode(frame(1, "a")));
  });

  it("is used again when all streams are done with it", () => {
    const target = new Target();
    for (let i = 0; i < 6; i++) {
      send(target, i, "x");
      outbox.flush();
    }
    const arenas = new Set(target.buffers.map(([buffer]) => buffer?.buffer));
    assert.ok(arenas.size <= 2, `${arenas.size} arenas`);
  });

  it("is copied for a stream that may keep it", () => {
    const target = new Target(true);
    target.answer = "pending";
    for (let i = 0; i < 4; i++) {
      send(target, i, `payload ${i}`);
      outbox.flush();
    }
    for (const [i, buffers] of target.buffers.entries()) assert.deepEqual(Buffer.concat(buffers), encode(frame(i, `payload ${i}`)));
  });
});

describe("a stream that sends while it is written to", () => {
  it("does not disturb what is being written, to it and to others", async () => {
    const [a, b] = [new Target(), new Target()];
    let times = 3;
    a.onWrite = () => {
      if (times-- > 0) send(b, 100 + times, `from within ${times}`);
    };
    send(a, 1, "a");
    send(b, 1, "b");
    send(a, 3, "a again");
    outbox.flush();
    await nextTurn();
    assert.deepEqual(a.bytes, encode(frame(1, "a"), frame(3, "a again")));
    assert.deepEqual(b.bytes, encode(frame(1, "b"), frame(102, "from within 2")));
  });

  it("and flushes, too", () => {
    const [a, b] = [new Target(), new Target()];
    const large = Buffer.alloc(REFERENCE_BYTES, 9);
    let times = 1;
    a.onWrite = () => {
      if (times-- > 0) send(b, 7, large);
    };
    send(a, 1, "a");
    send(b, 1, "b");
    send(a, 3, "a again");
    outbox.flush();
    assert.deepEqual(a.bytes, encode(frame(1, "a"), frame(3, "a again")));
    const inner = encode(frame(7, large));
    assert.ok(
      b.bytes.equals(Buffer.concat([inner, encode(frame(1, "b"))])) || b.bytes.equals(Buffer.concat([encode(frame(1, "b")), inner])),
      "each frame whole",
    );
  });
});

describe("handles", () => {
  it("are given again only when what they had is gone: its frames are sent first", () => {
    const target = new Target();
    send(target, 1, "last words");
    outbox.unregister(target.handle);
    open.splice(open.indexOf(target.handle), 1);
    assert.deepEqual(target.bytes, encode(frame(1, "last words")));
    const heir = new Target();
    assert.equal(heir.handle, target.handle);
    send(heir, 3, "new");
    outbox.flush();
    assert.deepEqual(heir.bytes, encode(frame(3, "new")));
    assert.equal(target.writes.length, 1);
  });

  it("of nobody lose their frames, and only those", () => {
    const target = new Target();
    outbox.begin().raw([1]);
    outbox.end(999_999, 1, 3, 0);
    send(target, 1, "kept");
    outbox.flush();
    assert.deepEqual(target.bytes, encode(frame(1, "kept")));
  });
});
