// Writer and Reader against protobufjs's, one value at a time.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import protobuf from "protobufjs";
import { Reader, Writer } from "#lib/index.js";
import { hex, type PackedKind, readKind, type ScalarKind, writeKind } from "./support.js";

const U32 = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, 2_147_483_647, 2_147_483_648, 4_294_967_295];
const I32 = [0, 1, -1, 63, 64, -64, -65, 8_191, -8_193, 1_048_576, 134_217_728, -134_217_729, 2_147_483_647, -2_147_483_648];
const DOUBLES = [0, -0, 1, -1, 0.1, 1 / 3, 5e-324, -5e-324, Number.MAX_VALUE, Number.MIN_SAFE_INTEGER, Infinity, -Infinity, NaN];
const FLOATS = [0, -0, 1, -1, 0.5, 1.401298464324817e-45, 1.1754943508222875e-38, 3.4028234663852886e38, Infinity, -Infinity, NaN];

const values: Readonly<Partial<Record<ScalarKind, readonly (number | boolean)[]>>> = {
  uint32: U32,
  int32: I32,
  sint32: I32,
  bool: [true, false],
  fixed32: U32,
  sfixed32: I32,
  float: FLOATS,
  double: DOUBLES,
};

function ours(kind: ScalarKind | PackedKind, value: unknown): Uint8Array {
  const writer = new Writer();
  writeKind(writer, kind, value);
  return writer.finish();
}

function theirs(kind: ScalarKind | PackedKind, value: unknown): Uint8Array {
  const writer = protobuf.Writer.create();
  writeKind(writer, kind, value);
  return writer.finish();
}

for (const [kind, list] of Object.entries(values) as [ScalarKind, readonly (number | boolean)[]][]) {
  describe(kind, () => {
    it("is written as protobufjs writes it, and read back", () => {
      for (const value of list) {
        const bytes = ours(kind, value);
        assert.equal(hex(bytes), hex(theirs(kind, value)), String(value));
        const reader = new Reader(bytes);
        // Object.is: -0 is not 0, NaN is itself.
        assert.ok(Object.is(readKind(reader, kind), value), String(value));
        assert.equal(reader.pos, bytes.length);
      }
    });

    it("packed, too", () => {
      for (const many of [[], list.slice(0, 1), list, Array.from({ length: 500 }, (_, i) => list[i % list.length] as number)]) {
        const bytes = ours(`${kind}s`, many);
        assert.equal(hex(bytes), hex(theirs(`${kind}s`, many)));
        const reader = new Reader(bytes);
        assert.deepEqual(readKind(reader, `${kind}s`), many);
        assert.equal(reader.pos, bytes.length);
        assert.equal(reader.len, bytes.length, "the end is the outer one again");
      }
    });
  });
}

describe("hand-written bytes", () => {
  const vectors: readonly (readonly [ScalarKind, number | boolean, string])[] = [
    ["uint32", 300, "ac02"],
    ["uint32", 4_294_967_295, "ffffffff0f"],
    ["int32", -1, "ffffffffffffffffff01"],
    ["int32", -2_147_483_648, "80808080f8ffffffff01"],
    ["sint32", -1, "01"],
    ["sint32", 2_147_483_647, "feffffff0f"],
    ["sint32", -2_147_483_648, "ffffffff0f"],
    ["bool", true, "01"],
    ["fixed32", 0xdeadbeef, "efbeadde"],
    ["sfixed32", -2, "feffffff"],
    ["float", 1, "0000803f"],
    ["float", -0, "00000080"],
    ["float", NaN, "0000c07f"],
    ["double", 1, "000000000000f03f"],
    ["double", -0, "0000000000000080"],
    ["double", -Infinity, "000000000000f0ff"],
    ["double", NaN, "000000000000f87f"],
  ];
  for (const [kind, value, text] of vectors) it(`${kind} ${Object.is(value, -0) ? "-0" : value} is ${text}`, () => assert.equal(hex(ours(kind, value)), text));

  it("a float is rounded to 32 bits, and overflows to infinity", () => {
    assert.equal(hex(ours("float", 0.1)), "cdcccc3d");
    assert.equal(new Reader(ours("float", 0.1)).float(), Math.fround(0.1));
    assert.equal(new Reader(ours("float", 1e300)).float(), Infinity);
  });

  it("a NaN with a payload of its own is still a NaN", () => {
    assert.ok(Number.isNaN(new Reader(Buffer.from("0100a07f", "hex")).float()));
    assert.ok(Number.isNaN(new Reader(Buffer.from("010000000000f47f", "hex")).double()));
  });

  it("32-bit kinds take the low bits of longer varints, as Go does", () => {
    const minusOne = Buffer.from("ffffffffffffffffff01", "hex");
    assert.equal(new Reader(minusOne).int32(), -1);
    assert.equal(new Reader(minusOne).uint32(), 4_294_967_295);
    assert.equal(new Reader(minusOne).sint32(), -2_147_483_648);
    assert.equal(new Reader(Buffer.from("8280808010", "hex")).uint32(), 2);
  });

  it("any varint but zero is true", () => {
    assert.equal(new Reader(Buffer.from("80808080808080808001", "hex")).bool(), true);
    assert.equal(new Reader(Buffer.from("8080808010", "hex")).bool(), true);
    assert.equal(new Reader(Buffer.from("808000", "hex")).bool(), false);
  });

  it("a packed field is appended to the list it is read into", () => {
    const reader = new Reader(Buffer.from("0203040105", "hex"));
    const list = reader.uint32s();
    assert.equal(reader.uint32s(list), list);
    assert.deepEqual(list, [3, 4, 5]);
  });
});
