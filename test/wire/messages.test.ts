// Whole messages: protobufjs's reflected and static encoders on our Writer, and their decoders on our Reader.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Reader, Writer } from "#lib/index.js";
import { fromProtobufjs } from "#lib/protobufjs.js";
import { samples } from "./samples.js";
import { hex } from "./support.js";
import { makeStatic, reflected } from "./types.js";

const made = makeStatic();

/** A plain copy, to compare messages of different classes by what they hold. */
function plain(type: ReturnType<typeof reflected>, message: object): object {
  return type.toObject(message as never, { longs: String, bytes: String, enums: String, defaults: true, oneofs: true });
}

for (const [name, what, message] of samples) {
  describe(`${name}: ${what}`, () => {
    const type = reflected(name);
    const expected = type.encode(type.create(message)).finish();

    it("reflected: the same bytes", () => {
      const writer = new Writer();
      assert.equal(fromProtobufjs(type).encode(type.create(message), writer), writer);
      assert.equal(hex(writer.finish()), hex(expected));
    });

    it("static: the same bytes", () => {
      assert.equal(hex(made[name].encode(message).finish()), hex(expected), "protobufjs's own writer");
      const writer = new Writer();
      fromProtobufjs(made[name]).encode(message, writer);
      assert.equal(hex(writer.finish()), hex(expected));
    });

    it("referencing large fields and starting in the middle of a buffer changes nothing", () => {
      const writer = new Writer(Buffer.allocUnsafeSlow(16), true);
      writer.raw([1, 2, 3]);
      fromProtobufjs(type).encode(type.create(message), writer);
      assert.equal(writer.len, expected.length + 3);
      assert.equal(hex(writer.finish()), `010203${hex(expected)}`);
    });

    it("reflected: the same message", () => {
      const ours = fromProtobufjs(type).decode(new Reader(expected));
      assert.deepEqual(plain(type, ours), plain(type, type.decode(expected)));
      assert.ok(ours instanceof type.ctor, "the class that protobufjs makes");
    });

    it("static: the same message", () => {
      const ours = fromProtobufjs(made[name]).decode(new Reader(expected));
      assert.deepEqual(plain(type, ours), plain(type, type.decode(expected)));
      assert.ok(ours instanceof (made[name] as unknown as new () => object));
    });

    it("among other bytes: the same message, and the reader stands behind it", () => {
      const slab = Buffer.concat([Buffer.alloc(5, 0xff), expected, Buffer.alloc(5, 0xff)]);
      const reader = new Reader(slab, 5, 5 + expected.length);
      assert.deepEqual(plain(type, fromProtobufjs(type).decode(reader)), plain(type, type.decode(expected)));
      assert.equal(reader.pos, 5 + expected.length);
    });
  });
}

describe("unknown fields", () => {
  it("of every wire type are skipped", () => {
    // 100: varint, 101: fixed64, 102: bytes, 103: a group with a group in it, 104: fixed32; then `uint32` of 5.
    const unknown = new Writer()
      .uint32(100 << 3)
      .uint64(2n ** 64n - 1n)
      .uint32((101 << 3) | 1)
      .fixed64(1n)
      .uint32((102 << 3) | 2)
      .bytes(Buffer.alloc(300))
      .uint32((103 << 3) | 3)
      .uint32((1 << 3) | 3)
      .uint32(1 << 3)
      .uint32(1)
      .uint32((1 << 3) | 4)
      .uint32((103 << 3) | 4)
      .uint32((104 << 3) | 5)
      .fixed32(1)
      .uint32(1 << 3)
      .uint32(5)
      .finish();
    for (const type of [reflected("Kinds"), made.Kinds]) {
      const message = fromProtobufjs<{ uint32: number }>(type).decode(new Reader(unknown));
      assert.equal(message.uint32, 5);
      assert.equal(Object.hasOwn(message, "$unknowns"), false);
    }
  });

  it("known numbers with another wire type count as unknown", () => {
    // Field 1 (uint32) as bytes, field 14 (string) as varint, then field 2 as it should be.
    const bytes = new Writer()
      .uint32((1 << 3) | 2)
      .string("no")
      .uint32(14 << 3)
      .uint32(9)
      .uint32(2 << 3)
      .int32(-4)
      .finish();
    assert.deepEqual(Object.entries(fromProtobufjs(reflected("Kinds")).decode(new Reader(bytes))), [["int32", -4]]);
  });

  it("a packable list is read packed or not, whatever the .proto says", () => {
    const packed = new Writer().uint32(10).uint32s([1, 2]).uint32(8).uint32(3).finish();
    for (const name of ["Packed", "Unpacked"] as const) {
      assert.deepEqual(fromProtobufjs<{ uint32s: number[] }>(reflected(name)).decode(new Reader(packed)).uint32s, [1, 2, 3]);
    }
  });
});
