// Frames arriving: batches, every split, carried partial frames, large frames, oversized ones, the end of input.
import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "node:test";
import { attach, closeAll, END, encode, IN_ROWS, logOf, native, pattern, rawPeer, SLAB_BYTES, turn, until } from "./harness.js";

before(attach);
afterEach(closeAll);

const errnoOf = { ECONNRESET: -104 };

async function settled(): Promise<void> {
  for (let i = 0; i < 3; ++i) await turn();
}

describe("batches", () => {
  it("delivers all complete frames of a wake-up in one call", async () => {
    const peer = await rawPeer();
    const frames = [encode(1, 1, 0, pattern(3, 1)), encode(0xfffffffe, 3, 0xff, pattern(0, 2)), encode(7, 2, 5, pattern(200, 3))];
    peer.socket.write(Buffer.concat(frames));
    native.start(peer.handle);
    const log = logOf(peer.handle);
    await until(() => log.frames.length === 3);
    assert.deepEqual(log.batches, [3]);
    assert.deepEqual(
      log.frames.map((frame) => encode(frame.streamId, frame.type, frame.flags, frame.payload)),
      frames,
    );
    peer.close();
  });

  it("delivers more frames than the table has rows", async () => {
    const peer = await rawPeer();
    const count = IN_ROWS * 3;
    peer.socket.write(Buffer.concat(Array.from({ length: count }, (_, i) => encode(i, 1, 0, pattern(i % 9, i)))));
    native.start(peer.handle);
    const log = logOf(peer.handle);
    await until(() => log.frames.length === count);
    assert.deepEqual(log.batches, [IN_ROWS, IN_ROWS, IN_ROWS]);
    log.frames.forEach((frame, i) => {
      assert.equal(frame.streamId, i);
      assert.deepEqual(frame.payload, pattern(i % 9, i));
    });
    peer.close();
  });
});

describe("splits", () => {
  const frames = [encode(1, 1, 0, pattern(4, 1)), encode(3, 3, 1, pattern(0, 2)), encode(5, 2, 0, pattern(7, 3))];
  const input = Buffer.concat(frames);
  const ends = frames.map((_, i) => frames.slice(0, i + 1).reduce((sum, frame) => sum + frame.length, 0));

  it("gives the same frames for every split of the input", async () => {
    const peer = await rawPeer();
    native.start(peer.handle);
    const log = logOf(peer.handle);
    for (let split = 1; split < input.length; ++split) {
      log.frames.length = 0;
      peer.socket.write(input.subarray(0, split));
      await settled();
      assert.equal(log.frames.length, ends.filter((end) => end <= split).length, `before the split at ${split}`);
      peer.socket.write(input.subarray(split));
      await until(() => log.frames.length >= 3);
      const again = log.frames.map((frame) => encode(frame.streamId, frame.type, frame.flags, frame.payload));
      assert.deepEqual(again, frames, `split at ${split}`);
    }
    peer.close();
  });

  it("gives the same frames byte by byte", async () => {
    const peer = await rawPeer();
    native.start(peer.handle);
    const log = logOf(peer.handle);
    for (let i = 0; i < input.length; ++i) {
      peer.socket.write(input.subarray(i, i + 1));
      await settled();
    }
    assert.deepEqual(log.batches, [1, 1, 1]);
    peer.close();
  });

  it("carries the partial frames of two connections apart", async () => {
    const [a, b] = [await rawPeer(), await rawPeer()];
    native.start(a.handle);
    native.start(b.handle);
    const [left, right] = [encode(1, 1, 0, pattern(9000, 1)), encode(2, 1, 0, pattern(16373, 2))];
    for (const [from, to] of [
      [0, 5],
      [5, 100],
      [100, 8000],
      [8000, 20000],
    ]) {
      a.socket.write(left.subarray(from, to));
      b.socket.write(right.subarray(from, to));
      await settled();
    }
    await until(() => logOf(a.handle).frames.length + logOf(b.handle).frames.length === 2);
    assert.deepEqual(logOf(a.handle).frames[0]?.payload, pattern(9000, 1));
    assert.deepEqual(logOf(b.handle).frames[0]?.payload, pattern(16373, 2));
    assert.equal(logOf(b.handle).frames[0]?.large, false);
    a.close();
    b.close();
  });
});

describe("large frames", () => {
  for (const size of [16373, 16374, 16384, 300 * 1024, 4 << 20]) {
    it(`receives ${size} bytes between small frames`, async () => {
      const peer = await rawPeer();
      native.start(peer.handle);
      const log = logOf(peer.handle);
      const sizes = [10, size, 20, size, size, 0];
      const input = Buffer.concat(sizes.map((bytes, i) => encode(i, 1, 0, pattern(bytes, i))));
      // The start alone first, so that the first large frame is incomplete for sure.
      peer.socket.write(input.subarray(0, 50));
      await settled();
      peer.socket.write(input.subarray(50));
      await until(() => log.frames.length === sizes.length);
      log.frames.forEach((frame, i) => {
        assert.equal(frame.streamId, i);
        assert.ok(frame.payload.equals(pattern(sizes[i] ?? -1, i)), `payload ${i}`);
      });
      assert.equal(log.frames[1]?.large, size >= 16374);
      peer.close();
    });
  }

  it("receives a complete frame of nearly the whole slab in place", async () => {
    const peer = await rawPeer();
    const size = 150_000;
    peer.socket.write(encode(1, 1, 0, pattern(size, 1)));
    await settled();
    native.start(peer.handle);
    await until(() => logOf(peer.handle).frames.length === 1);
    assert.ok(size < SLAB_BYTES);
    assert.equal(logOf(peer.handle).frames[0]?.large, false);
    peer.close();
  });
});

describe("oversized frames", () => {
  it("discards exactly the announced bytes, in order with the others", async () => {
    const peer = await rawPeer();
    native.setMaxMessageBytes(peer.handle, 1000);
    native.start(peer.handle);
    const log = logOf(peer.handle);
    const sizes = [1000, 1001, 5, 300_000, 0, 1001, 1000];
    peer.socket.write(Buffer.concat(sizes.map((size, i) => encode(i, 2, 3, pattern(size, i)))));
    await until(() => log.frames.length === sizes.length);
    assert.deepEqual(
      log.frames.map((frame) => [frame.streamId, frame.type, frame.flags, frame.oversize, frame.length]),
      sizes.map((size, i) => [i, 2, 3, size > 1000, size]),
    );
    assert.ok(log.frames[2]?.payload.equals(pattern(5, 2)));
    assert.ok(log.frames[6]?.payload.equals(pattern(1000, 6)));
    peer.close();
  });

  it("never buffers the longest length there is", async () => {
    const peer = await rawPeer();
    native.start(peer.handle);
    const header = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 2, 0]);
    peer.socket.write(header);
    const log = logOf(peer.handle);
    await until(() => log.frames.length === 1);
    assert.equal(log.frames[0]?.length, 0xffffffff);
    peer.socket.write(pattern(100_000, 1));
    await settled();
    assert.equal(log.frames.length, 1);
    peer.socket.end();
    await until(() => log.events.length > 0);
    assert.deepEqual(log.values(END), [1], "the discarded frame was cut short");
    peer.close();
  });

  it("has the protocol's limit unless told otherwise", async () => {
    const peer = await rawPeer();
    native.start(peer.handle);
    const log = logOf(peer.handle);
    peer.socket.write(encode(1, 1, 0, Buffer.alloc((4 << 20) + 1)));
    peer.socket.write(encode(2, 1, 0, Buffer.alloc(4 << 20)));
    await until(() => log.frames.length === 2);
    assert.deepEqual(
      log.frames.map((frame) => frame.oversize),
      [true, false],
    );
    peer.close();
  });
});

describe("the end of input", () => {
  const partial: [name: string, bytes: Buffer, value: number][] = [
    ["nothing", Buffer.alloc(0), 0],
    ["a whole frame", encode(1, 1, 0, pattern(5, 1)), 0],
    ["part of a header", encode(1, 1, 0, pattern(5, 1)).subarray(0, 4), 1],
    ["part of a payload", encode(1, 1, 0, pattern(5, 1)).subarray(0, 12), 1],
    ["part of a large frame", encode(1, 1, 0, pattern(50_000, 1)).subarray(0, 40_000), 1],
  ];
  for (const [name, bytes, value] of partial) {
    it(`is reported as ${value} after ${name}`, async () => {
      const peer = await rawPeer();
      native.start(peer.handle);
      const log = logOf(peer.handle);
      peer.socket.write(bytes);
      peer.socket.end();
      await until(() => log.events.length > 0);
      await settled();
      assert.deepEqual(log.events, [{ kind: END, value }]);
      peer.close();
    });
  }

  it("is a negative errno after a reset, behind what had arrived", async () => {
    const peer = await rawPeer();
    const { put } = await import("./harness.js");
    put(peer.handle, 1, 1, pattern(10, 1)); // stays unread by the peer: closing then resets
    native.flush();
    peer.socket.write(encode(9, 1, 0, pattern(3, 3)));
    await settled();
    peer.socket.destroy();
    await settled();
    native.start(peer.handle);
    const log = logOf(peer.handle);
    await until(() => log.events.length > 0);
    assert.deepEqual(
      log.frames.map((frame) => frame.streamId),
      [9],
    );
    assert.deepEqual(log.values(END), [errnoOf.ECONNRESET]);
    peer.close();
  });

  it("comes after the frames of the same wake-up", async () => {
    const peer = await rawPeer();
    const log = logOf(peer.handle);
    let framesAtEnd = -1;
    log.onEvent = () => {
      framesAtEnd = log.frames.length;
    };
    peer.socket.write(encode(1, 1, 0, pattern(5, 1)));
    peer.socket.end();
    await settled();
    native.start(peer.handle);
    await until(() => log.events.length > 0);
    assert.equal(framesAtEnd, 1);
    peer.close();
  });
});
