// The multiplexer's frames: how what is sent is cut, and how what comes is taken apart.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameCutter } from "#lib/multiplex/frame-cutter.js";
import { MAX_MUX_PAYLOAD_BYTES, muxHeader } from "#lib/multiplex/frame.js";
import { MuxReader } from "#lib/multiplex/frame-reader.js";
import { bytes, frame } from "../support/raw.js";

/** A ttrpc frame of `size` bytes, header included, whose payload shows where it was cut. */
function ttrpc(size: number, id = 1): Buffer {
  const payload = Buffer.alloc(size - 10);
  for (let i = 0; i < payload.length; i++) payload[i] = (i * 31 + (i >> 8)) & 0xff;
  return frame(id, 3, 0, payload);
}

/** Cuts all writes, and returns the sizes of the payloads; they must hold what was written, no more and no less. */
function cut(writes: readonly (readonly Buffer[])[], maxPayloadBytes = MAX_MUX_PAYLOAD_BYTES): number[] {
  const sizes: number[] = [];
  const sent: Buffer[] = [];
  const cutter = new FrameCutter((size, parts) => {
    sizes.push(size);
    const payload = Buffer.concat(parts);
    assert.equal(payload.length, size);
    sent.push(payload);
  }, maxPayloadBytes);
  for (const chunks of writes) {
    cutter.push(chunks);
    // The writer may use its buffers again.
    const soFar = Buffer.concat(sent.splice(0));
    sent.push(soFar);
    for (const chunk of chunks) chunk.fill(0xee);
  }
  assert.equal(cutter.partial, false);
  written = Buffer.concat(sent);
  return sizes;
}
let written = Buffer.alloc(0);

/** The chunk in pieces of `size` bytes. */
function pieces(whole: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => Buffer.from(whole.subarray(i * size, (i + 1) * size)));
}

describe("what a connection sends", () => {
  const rows: { readonly title: string; readonly frames: readonly number[]; readonly payloads: readonly number[] }[] = [
    { title: "a frame without payload", frames: [10], payloads: [10] },
    { title: "one that just fits a reader's buffer", frames: [4096], payloads: [4096] },
    { title: "one byte more", frames: [4097], payloads: [4096, 1] },
    { title: "a large one: the first 4096 bytes, and the rest", frames: [100_000], payloads: [4096, 95_904] },
    { title: "the largest", frames: [4_194_314], payloads: [4096, 4_190_218] },
    { title: "one larger than peers take by default", frames: [4_194_314 + 4096 + 1], payloads: [4096, 4_194_314, 1] },
    { title: "small ones together", frames: [10, 20, 30], payloads: [60] },
    { title: "small ones up to 4096 bytes", frames: [2000, 2096, 10], payloads: [4096, 10] },
    { title: "small ones that would be 4097", frames: [2000, 2097], payloads: [2000, 2097] },
    { title: "a large one begins a payload of its own", frames: [10, 5000, 10, 4097, 4096, 10], payloads: [10, 4096, 904, 10, 4096, 1, 4096, 10] },
  ];
  for (const { title, frames, payloads } of rows) {
    it(title, () => {
      const all = Buffer.concat(frames.map((size, i) => ttrpc(size, i * 2 + 1)));
      assert.deepEqual(cut([[Buffer.from(all)]]), payloads);
      assert.ok(written.equals(all));
      // Cut anywhere by the writer, in one write, the payloads are the same.
      for (const size of [1, 3, 9, 11, 4095, 4096, 4097]) {
        if (all.length / size > 100_000) continue;
        assert.deepEqual(cut([pieces(all, size)]), payloads, `pieces of ${size}`);
        assert.ok(written.equals(all));
      }
    });
  }

  it("frames written in pieces: small ones go whole, large ones from their 4096th byte on", () => {
    const all = Buffer.concat([ttrpc(100), ttrpc(5000, 3), ttrpc(4096, 5)]);
    for (const size of [1, 7, 10, 1000, 4095, 4096]) {
      const sizes = cut(pieces(all, size).map((piece) => [piece]));
      assert.ok(written.equals(all), `pieces of ${size}`);
      // A reader that has nothing reads 4096 bytes at most; one in the middle of the large frame, no more than it lacks.
      let lacks = 0;
      const frames = [100, 5000, 4096];
      for (const payload of sizes) {
        if (lacks === 0) {
          assert.ok(payload <= 4096, `${payload} of ${sizes.join()}`);
          let left = payload;
          while (left > 0) {
            const next = frames.shift() as number;
            lacks = Math.max(0, next - left);
            assert.ok(lacks === 0 || payload === 4096, "only a large frame is cut, after 4096 bytes");
            left = Math.max(0, left - next);
          }
        } else {
          assert.ok(payload <= lacks);
          lacks -= payload;
        }
      }
      assert.deepEqual([frames, lacks], [[], 0]);
    }
  });

  it("is not copied where it comes whole", () => {
    const whole = Buffer.concat([ttrpc(20), ttrpc(9000, 3)]);
    const cutter = new FrameCutter((_, parts) => {
      for (const part of parts) assert.equal(part.buffer, whole.buffer);
      assert.equal(parts.length, 1);
    }, MAX_MUX_PAYLOAD_BYTES);
    cutter.push([whole]);
    assert.equal(cutter.partial, false);
  });
});

/** What a reader hands on: payload bytes by connection, in order. */
function take(chunks: readonly Buffer[], maxPayloadBytes = MAX_MUX_PAYLOAD_BYTES): { readonly got: Map<number, string>; readonly cutOff: string | undefined } {
  const got = new Map<number, string>();
  const reader = new MuxReader((id, piece) => got.set(id, (got.get(id) ?? "") + piece.toString("hex")), maxPayloadBytes);
  for (const chunk of chunks) reader.push(chunk);
  return { got, cutOff: reader.cutOff };
}

describe("what comes over the trunk", () => {
  // 20 bytes of ttrpc, from a plugin to its runtime.
  const vector = bytes("00000002 00000014 0000000a 00000001 0100 0a037376631203476574");
  const mixed = Buffer.concat([vector, muxHeader(1, 0), muxHeader(0xffffffff, 3), bytes("010203"), muxHeader(0, 1), bytes("ff"), vector]);

  it("the frame of a call from plugin to runtime", () => {
    const { got, cutOff } = take([vector]);
    assert.deepEqual([[...got], cutOff], [[[2, "0000000a0000000101000a037376631203476574"]], undefined]);
  });

  it("may be cut anywhere", () => {
    const whole = take([mixed]).got;
    assert.deepEqual([...whole.keys()], [2, 0xffffffff, 0]);
    for (let size = 1; size < mixed.length; size++) assert.deepEqual(take(pieces(mixed, size)), { got: whole, cutOff: undefined }, `pieces of ${size}`);
    for (let at = 1; at < mixed.length; at++) assert.deepEqual(take([mixed.subarray(0, at), mixed.subarray(at)]), { got: whole, cutOff: undefined });
  });

  it("is refused where a length exceeds the limit", () => {
    const text = "a payload of 4194315 bytes for connection 7 exceeds the 4194314 byte limit: protocol error";
    assert.throws(() => take([muxHeader(7, 4_194_315)]), { message: text });
    assert.throws(() => take([muxHeader(7, 6)], 5), { message: "a payload of 6 bytes for connection 7 exceeds the 5 byte limit: protocol error" });
    assert.equal(take([muxHeader(7, 5)], 5).cutOff, "after 0 of the 5 bytes of a payload for connection 7");
  });

  it("says what its end cuts off", () => {
    assert.equal(take([vector.subarray(0, 3)]).cutOff, "after 3 of the 8 bytes of a header");
    assert.equal(take([vector.subarray(0, 8)]).cutOff, "after 0 of the 20 bytes of a payload for connection 2");
    assert.equal(take([vector.subarray(0, 27)]).cutOff, "after 19 of the 20 bytes of a payload for connection 2");
    assert.equal(take([vector, vector.subarray(0, 7)]).cutOff, "after 7 of the 8 bytes of a header");
  });
});
