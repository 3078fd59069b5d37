// The ten bytes before every payload.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  FLAG_NO_DATA,
  FLAG_REMOTE_CLOSED,
  FLAG_REMOTE_OPEN,
  frameKind,
  frameTypeName,
  HEADER_BYTES,
  KIND_OVERSIZE,
  MAX_MESSAGE_BYTES,
  TYPE_DATA,
  TYPE_REQUEST,
  TYPE_RESPONSE,
  writeHeader,
} from "#lib/wire/frame.js";
import { hex } from "./support.js";

function header(length: number, streamId: number, kind: number): string {
  const buf = Buffer.alloc(HEADER_BYTES + 4, 0xcc);
  writeHeader(buf, 2, length, streamId, kind);
  assert.equal(hex(buf.subarray(0, 2)) + hex(buf.subarray(12)), "cccccccc", "nothing beside it is touched");
  return hex(buf.subarray(2, 12));
}

describe("frame header", () => {
  it("is the protocol's", () => {
    assert.deepEqual(
      [HEADER_BYTES, MAX_MESSAGE_BYTES, TYPE_REQUEST, TYPE_RESPONSE, TYPE_DATA, FLAG_REMOTE_CLOSED, FLAG_REMOTE_OPEN, FLAG_NO_DATA],
      [10, 4_194_304, 1, 2, 3, 1, 2, 4],
    );
  });

  const vectors: readonly (readonly [what: string, length: number, streamId: number, type: number, flags: number, bytes: string])[] = [
    ["a unary request", 19, 1, TYPE_REQUEST, 0, "00000013 00000001 01 00"],
    ["a reply", 8, 1, TYPE_RESPONSE, 0, "00000008 00000001 02 00"],
    ["a half-close", 0, 3, TYPE_DATA, FLAG_REMOTE_CLOSED | FLAG_NO_DATA, "00000000 00000003 03 05"],
    ["a message", 2, 5, TYPE_DATA, 0, "00000002 00000005 03 00"],
    ["the largest payload", MAX_MESSAGE_BYTES, 7, TYPE_DATA, 0, "00400000 00000007 03 00"],
    ["the last stream id", 1, 0xffffffff, TYPE_REQUEST, FLAG_REMOTE_OPEN | FLAG_NO_DATA, "00000001 ffffffff 01 06"],
    ["every bit", 0xffffffff, 0x80000001, 0xff, 0xff, "ffffffff 80000001 ff ff"],
    ["big-endian", 0x01020304, 0x05060708, 0x09, 0x0a, "01020304 05060708 09 0a"],
  ];
  for (const [what, length, streamId, type, flags, bytes] of vectors) {
    it(`of ${what}`, () => assert.equal(header(length, streamId, frameKind(type, flags)), bytes.replaceAll(" ", "")));
  }

  it("has no place for our own mark of what was discarded", () => {
    assert.equal(header(0, 1, frameKind(TYPE_DATA, 0) | KIND_OVERSIZE), "00000000000000010300");
    assert.ok(KIND_OVERSIZE > frameKind(0xff, 0xff), "no frame can say it by itself");
  });

  it("kinds pack type and flags without loss", () => {
    for (const [type, flags] of [
      [0, 0],
      [1, 2],
      [255, 0],
      [0, 255],
      [255, 255],
    ] as const) {
      const kind = frameKind(type, flags);
      assert.deepEqual([kind & 0xff, kind >> 8], [type, flags]);
    }
  });

  it("types have Go's names", () => {
    assert.deepEqual([1, 2, 3, 0, 4, 255].map(frameTypeName), ["request", "response", "data", "unknown", "unknown", "unknown"]);
  });
});
