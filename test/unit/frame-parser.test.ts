// FrameParser: the same frames come up however the bytes were cut.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DIRECT_BYTES } from "#lib/channel/frame-parser.js";
import { HEADER_BYTES, MAX_MESSAGE_BYTES } from "#lib/wire/frame.js";
import { discarded, encode, type Frame, frame, pieces, Recorder, rowOf } from "./frames.js";

const MAX = 64;

describe("three frames, cut everywhere", () => {
  const cases: Readonly<Record<string, readonly Frame[]>> = {
    "with payloads": [frame(1, "one", 1, 2), frame(3, "three more", 2, 0), frame(0xffffffff, "x", 255, 255)],
    "one of them empty": [frame(1, "one"), frame(3), frame(5, "five")],
    "all empty": [frame(1), frame(3, "", 3, 5), frame(5, "", 2)],
    "one of them as long as may be": [frame(1, "a"), frame(3, "b".repeat(MAX)), frame(5, "c")],
  };
  for (const [what, frames] of Object.entries(cases)) {
    const bytes = encode(...frames);
    const expected = frames.map(rowOf);

    it(`${what}: in one piece, and byte by byte`, () => {
      assert.deepEqual(new Recorder(MAX).push(bytes).rows, expected);
      const recorder = new Recorder(MAX).push(...pieces(bytes, 1));
      assert.deepEqual(recorder.rows, expected);
      assert.equal(recorder.parser.partial, false);
    });

    it(`${what}: in every two and three pieces`, () => {
      for (let first = 0; first <= bytes.length; first++) {
        for (let second = first; second <= bytes.length; second++) {
          const recorder = new Recorder(MAX).push(bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second));
          assert.deepEqual(recorder.rows, expected, `cut at ${first} and ${second}`);
        }
      }
    });
  }

  it("those that are complete come up at once, in one batch", () => {
    const recorder = new Recorder(MAX).push(encode(frame(1, "a"), frame(3), frame(5, "b")));
    assert.deepEqual(
      recorder.batches.map(({ count, owned }) => [count, owned]),
      [[3, false]],
    );
  });

  it("nothing comes up for nothing", () => {
    const recorder = new Recorder(MAX).push(Buffer.alloc(0), encode(frame(1)).subarray(0, 9));
    assert.deepEqual(recorder.batches, []);
  });
});

describe("partial", () => {
  it("is true from the first byte of a frame to its last but one", () => {
    const bytes = encode(frame(1, "payload"));
    const recorder = new Recorder(MAX);
    assert.equal(recorder.parser.partial, false);
    for (const [i, piece] of pieces(bytes, 1).entries()) {
      recorder.push(piece);
      assert.equal(recorder.parser.partial, i < bytes.length - 1, `after ${i + 1} bytes`);
    }
  });

  it("is true while a payload is discarded, and while a large one is collected", () => {
    const over = encode(frame(1, "x".repeat(MAX + 1)));
    const recorder = new Recorder(MAX).push(over.subarray(0, -1));
    assert.equal(recorder.parser.partial, true);
    assert.equal(recorder.push(over.subarray(-1)).parser.partial, false);

    const large = encode(frame(1, "x".repeat(DIRECT_BYTES)));
    const other = new Recorder(MAX_MESSAGE_BYTES).push(large.subarray(0, -1));
    assert.equal(other.parser.partial, true);
    assert.equal(other.push(large.subarray(-1)).parser.partial, false);
  });
});

describe("frames over the limit", () => {
  const over = (streamId: number, length: number): Frame => frame(streamId, "!".repeat(length), 2, 1);

  it("are announced in their place, and exactly their bytes are discarded, however they are cut", () => {
    const frames = [frame(1, "before"), over(3, MAX + 1), frame(5, "between"), over(7, MAX + 30), over(9, MAX + 2), frame(11, "after")];
    const bytes = encode(...frames);
    const expected = frames.map((one) => (one.payload.length > MAX ? discarded(one.streamId, one.payload.length, 2, 1) : rowOf(one)));
    assert.deepEqual(new Recorder(MAX).push(bytes).rows, expected);
    for (const size of [1, 2, 3, 7, 9, 10, 11, 64, 75]) assert.deepEqual(new Recorder(MAX).push(...pieces(bytes, size)).rows, expected, `pieces of ${size}`);
    for (let cut = 0; cut <= bytes.length; cut++)
      assert.deepEqual(new Recorder(MAX).push(bytes.subarray(0, cut), bytes.subarray(cut)).rows, expected, `cut at ${cut}`);
  });

  it("are announced as soon as the header is there, before the payload", () => {
    const recorder = new Recorder(MAX).push(encode(over(3, MAX + 1)).subarray(0, HEADER_BYTES));
    assert.deepEqual(recorder.rows, [discarded(3, MAX + 1, 2, 1)]);
  });

  it("may be larger than any buffer: 4 GiB less one byte", () => {
    const header = Buffer.from("ffffffff000000030301", "hex");
    const recorder = new Recorder(MAX_MESSAGE_BYTES).push(header, Buffer.alloc(1 << 20), encode(frame(5, "swallowed")));
    assert.deepEqual(recorder.rows, [discarded(3, 0xffffffff, 3, 1)]);
    assert.equal(recorder.parser.partial, true);
  });

  it("the limit itself is allowed: 4 MiB passes, one byte more does not", () => {
    const exact = frame(1, Buffer.alloc(MAX_MESSAGE_BYTES, 1));
    const more = frame(3, Buffer.alloc(MAX_MESSAGE_BYTES + 1, 2));
    const bytes = encode(exact, more, frame(5, "on"));
    const whole = new Recorder(MAX_MESSAGE_BYTES).push(bytes);
    const cut = new Recorder(MAX_MESSAGE_BYTES).push(...pieces(bytes, 65_536));
    for (const { rows } of [whole, cut]) {
      assert.deepEqual(
        rows.map(({ streamId, payload, discarded: gone }) => [streamId, payload.length, gone]),
        [
          [1, MAX_MESSAGE_BYTES, undefined],
          [3, 0, MAX_MESSAGE_BYTES + 1],
          [5, 2, undefined],
        ],
      );
      assert.equal(rows[0]?.payload, exact.payload.toString("latin1"));
    }
  });
});

describe("large frames", () => {
  const letters = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => i % 251));

  it("get a buffer of exactly their size from 16 KiB on, header included, and it is theirs for good", () => {
    for (const [length, own] of [
      [DIRECT_BYTES - HEADER_BYTES - 1, false],
      [DIRECT_BYTES - HEADER_BYTES, true],
      [100_000, true],
    ] as const) {
      const bytes = encode(frame(7, letters(length), 3, 1));
      const recorder = new Recorder(MAX_MESSAGE_BYTES).push(bytes.subarray(0, HEADER_BYTES), bytes.subarray(HEADER_BYTES));
      assert.deepEqual(recorder.rows, [rowOf(frame(7, letters(length), 3, 1))]);
      const [batch] = recorder.batches;
      assert.equal(batch?.owned, own, `${length} bytes`);
      if (own) {
        assert.deepEqual([batch?.slab.length, batch?.slab.buffer.byteLength], [length, length]);
        assert.ok(batch?.slab.equals(letters(length)), "still as it came: the slab is overwritten by now");
      }
    }
  });

  it("that come whole lie in the slab like others", () => {
    const recorder = new Recorder(MAX_MESSAGE_BYTES).push(encode(frame(1, letters(100_000)), frame(3, "x")));
    assert.deepEqual(
      recorder.batches.map(({ count, owned }) => [count, owned]),
      [[2, false]],
    );
  });

  it("come together from many pieces, with small ones around them", () => {
    const frames = [frame(1, "a"), frame(3, letters(50_000)), frame(5), frame(7, letters(70_000)), frame(9, letters(20_000)), frame(11, "z")];
    const bytes = encode(...frames);
    for (const size of [10, 997, 4_096, 16_384, 65_536]) {
      const recorder = new Recorder(MAX_MESSAGE_BYTES).push(...pieces(bytes, size));
      assert.deepEqual(recorder.rows, frames.map(rowOf), `pieces of ${size}`);
      assert.equal(recorder.parser.partial, false);
    }
  });

  it("can be received straight into their buffer", () => {
    const payload = letters(40_000);
    const bytes = encode(frame(3, payload), frame(5, "next"));
    const recorder = new Recorder(MAX_MESSAGE_BYTES);
    assert.equal(recorder.parser.target, undefined);
    const { parser } = recorder.push(bytes.subarray(0, 1_000));
    let at = 1_000;
    for (let target = parser.target; target !== undefined; target = parser.target) {
      // No more room than the frame takes: what follows it cannot get in.
      assert.equal(target.length, HEADER_BYTES + payload.length - at);
      const bytesRead = bytes.copy(target, 0, at, at + 7_777);
      at += bytesRead;
      parser.received(bytesRead);
    }
    assert.equal(at, HEADER_BYTES + payload.length);
    recorder.push(bytes.subarray(at));
    assert.deepEqual(recorder.rows, [rowOf(frame(3, payload)), rowOf(frame(5, "next"))]);
    assert.deepEqual(
      recorder.batches.map(({ owned }) => owned),
      [true, false],
    );
  });

  it("half into the buffer, half pushed", () => {
    const payload = letters(40_000);
    const bytes = encode(frame(3, payload), frame(5, "next"));
    const recorder = new Recorder(MAX_MESSAGE_BYTES).push(bytes.subarray(0, 20));
    const filled = bytes.copy(recorder.parser.target as Buffer, 0, 20, 30_000);
    recorder.parser.received(filled);
    assert.deepEqual(recorder.push(bytes.subarray(30_000)).rows, [rowOf(frame(3, payload)), rowOf(frame(5, "next"))]);
  });
});

describe("very many frames in one piece", () => {
  const many = (count: number): Frame[] => Array.from({ length: count }, (_, i) => frame(i * 2 + 1, i % 3 === 0 ? "" : String(i)));

  for (const count of [4_095, 4_096, 4_097, 8_192, 10_000]) {
    it(`${count} come up in batches of 4096`, () => {
      const frames = many(count);
      const recorder = new Recorder(MAX).push(encode(...frames));
      assert.deepEqual(recorder.rows, frames.map(rowOf));
      const sizes = recorder.batches.map((batch) => batch.count);
      assert.ok(sizes.slice(0, -1).every((size) => size === 4_096) && (sizes.at(-1) as number) <= 4_096, sizes.join());
    });
  }

  it("the rest is kept for later, behind full batches too", () => {
    const frames = many(4_097);
    const bytes = encode(...frames);
    const recorder = new Recorder(MAX).push(bytes.subarray(0, -1));
    assert.equal(recorder.rows.length, 4_096);
    assert.deepEqual(recorder.push(bytes.subarray(-1)).rows, frames.map(rowOf));
  });

  it("when nobody wants more, no more come", () => {
    const recorder = new Recorder(MAX);
    recorder.wantsMore = false;
    recorder.push(encode(...many(10_000)));
    assert.deepEqual(
      recorder.batches.map(({ count }) => count),
      [4_096],
    );
  });
});

describe("two parsers", () => {
  it("do not mix what they keep", () => {
    const one = new Recorder(MAX);
    const other = new Recorder(MAX);
    const a = encode(frame(1, "aaaa"), frame(3, "bb"));
    const b = encode(frame(5, "cccc"), frame(7, "dd"));
    for (let i = 0; i < a.length; i++) {
      one.push(a.subarray(i, i + 1));
      other.push(b.subarray(i, i + 1));
    }
    assert.deepEqual(
      one.rows.map(({ payload }) => payload),
      ["aaaa", "bb"],
    );
    assert.deepEqual(
      other.rows.map(({ payload }) => payload),
      ["cccc", "dd"],
    );
  });
});
