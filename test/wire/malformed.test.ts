// Bytes that are no message: always a WireError with protobuf-go's text, never a crash, a hang or a read beyond the end.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import protobuf from "protobufjs";
import { Reader, Writer } from "#lib/index.js";
import { fromProtobufjs } from "#lib/protobufjs.js";
import { WireError } from "#lib/wire/wire-error.js";
import { samples } from "./samples.js";
import { assertWireError, MALFORMED, readKind, type ScalarKind, unhex } from "./support.js";
import { reflected } from "./types.js";

const VARINTS: readonly ScalarKind[] = ["uint32", "int32", "sint32", "uint64", "int64", "sint64", "bool"];
const FIXED: readonly (readonly [ScalarKind, number])[] = [
  ["fixed32", 4],
  ["sfixed32", 4],
  ["float", 4],
  ["fixed64", 8],
  ["sfixed64", 8],
  ["double", 8],
];

/** Skips all fields, as a decoder does that knows none. */
function skipAll(bytes: Buffer): void {
  const reader = new Reader(bytes);
  while (reader.pos < reader.len) reader.skipField(reader.tag());
  assert.equal(reader.pos, bytes.length);
}

describe("varints", () => {
  for (const kind of VARINTS) {
    it(`${kind}: ten bytes are the most, and the tenth has one bit`, () => {
      assert.doesNotThrow(() => readKind(new Reader(unhex("80808080808080808001")), kind));
      for (const text of ["80808080808080808002", "ffffffffffffffffff7f", "8080808080808080808000", "ffffffffffffffffffff01", "ff".repeat(1000)]) {
        assertWireError(() => readKind(new Reader(unhex(text)), kind), MALFORMED, text);
      }
    });

    it(`${kind}: one that does not end`, () => {
      for (let length = 0; length < 10; length++) assertWireError(() => readKind(new Reader(Buffer.alloc(length, 0x80)), kind), MALFORMED);
    });

    it(`${kind}: one that ends beyond the message`, () => {
      // The buffer goes on: the message does not.
      assertWireError(() => readKind(new Reader(unhex("ffff01"), 0, 2), kind), MALFORMED);
      assertWireError(() => readKind(new Reader(unhex("01"), 0, 0), kind), MALFORMED);
    });
  }
});

describe("fixed sizes", () => {
  for (const [kind, size] of FIXED) {
    it(`${kind}: fewer than ${size} bytes left`, () => {
      for (let left = 0; left < size; left++) assertWireError(() => readKind(new Reader(Buffer.alloc(20), 0, left), kind), MALFORMED, `${left} left`);
      const reader = new Reader(Buffer.alloc(20), 0, size);
      readKind(reader, kind);
      assert.equal(reader.pos, size);
    });

    it(`${kind}s: a packed length that is no multiple of ${size}`, () => {
      const bytes = new Writer().bytes(Buffer.alloc(size + 1)).finish();
      assertWireError(() => readKind(new Reader(bytes), `${kind}s`), MALFORMED);
    });
  }
});

describe("lengths", () => {
  const readers: Readonly<Record<string, (reader: Reader) => unknown>> = {
    size: (reader) => reader.size(),
    string: (reader) => reader.string(),
    internedString: (reader) => reader.internedString(),
    bytes: (reader) => reader.bytes(),
    uint32s: (reader) => reader.uint32s(),
    doubles: (reader) => reader.doubles(),
    "skipType(2)": (reader) => reader.skipType(2),
  };
  for (const [name, read] of Object.entries(readers)) {
    it(`${name}: longer than what is left, up to 2^64-1`, () => {
      for (const length of ["02", "7f", "ffff03", "ffffff7f", "ffffffff07", "ffffffff0f"])
        assertWireError(() => read(new Reader(unhex(`${length} 00`))), MALFORMED, length);
      // Over 32 bits: the low words alone would fit.
      for (const length of ["8080808010", "8180808010", "81808080808001", "81808080808080808001"])
        assertWireError(() => read(new Reader(unhex(`${length} 00`))), MALFORMED, length);
    });
  }

  it("skip(n) does not pass the end", () => {
    assert.equal(new Reader(Buffer.alloc(4)).skip(4).pos, 4);
    assertWireError(() => new Reader(Buffer.alloc(4)).skip(5), MALFORMED);
  });

  it("a packed list does not reach beyond its length", () => {
    // Two bytes of list, in which the second varint does not end.
    assertWireError(() => new Reader(unhex("02 01 80 01")).uint32s(), MALFORMED);
  });
});

describe("tags", () => {
  it("field number 0", () => {
    for (const tag of ["00", "01", "02", "05", "07", "8000", "87808080808000"])
      assertWireError(() => new Reader(unhex(`${tag} 00 00 00 00`)).tag(), MALFORMED, tag);
  });

  it("field numbers over 2^29-1", () => {
    assert.equal(new Reader(unhex("ffffffff0f")).tag(), 0xffffffff);
    for (const tag of ["8080808010", "ffffffff1f", "8880808080808001", "88808080808080808001"])
      assertWireError(() => new Reader(unhex(tag)).tag(), MALFORMED, tag);
  });

  it("wire types that do not exist, and the end of a group that has not begun", () => {
    for (const wireType of [4, 6, 7]) {
      assertWireError(() => skipAll(Buffer.from([(1 << 3) | wireType, 0, 0])), MALFORMED);
      assertWireError(() => fromProtobufjs(reflected("Kinds")).decode(new Reader(Buffer.from([(1 << 3) | wireType, 0, 0]))), MALFORMED);
    }
  });
});

describe("groups", () => {
  it("that do not end, end as another, or contain something malformed", () => {
    for (const text of ["0b", "0b 08", "0b 0801", "0b 14", "0b 13 14", "0b 13 0c 14", "0b 0e 0c", "0b 00 0c", "0b 120561 0c"])
      assertWireError(() => skipAll(unhex(text)), MALFORMED, text);
    for (const text of ["0b 0c", "0b 0801 0c", "0b 13 14 0c", "0b 1203616263 0c 0801"]) assert.doesNotThrow(() => skipAll(unhex(text)), text);
  });

  it("a hundred deep are skipped, ten thousand are refused", () => {
    const nested = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x0b), Buffer.alloc(depth, 0x0c)]);
    assert.doesNotThrow(() => skipAll(nested(100)));
    for (const depth of [102, 10_000, 1_000_000]) assertWireError(() => skipAll(nested(depth)), MALFORMED, `${depth} deep`);
    // Not closed at all.
    assertWireError(() => skipAll(Buffer.alloc(10_000, 0x0b)), MALFORMED);
    assertWireError(() => fromProtobufjs(reflected("Kinds")).decode(new Reader(nested(10_000))), MALFORMED);
  });
});

describe("messages nested ten thousand deep", () => {
  it("are refused by protobufjs's decoder before the stack is used up", () => {
    let bytes: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < 10_000; i++)
      bytes = new Writer()
        .uint32((17 << 3) | 2)
        .bytes(bytes)
        .finish();
    assert.throws(() => fromProtobufjs(reflected("Kinds")).decode(new Reader(bytes)), new Error("max depth exceeded"));
  });
});

describe("cut at every byte", () => {
  for (const [name, what, message] of samples.filter(([, title]) => !title.includes("long") && !title.includes("lengths"))) {
    const type = reflected(name);
    const whole = Buffer.from(type.encode(type.create(message)).finish());

    it(`${name}: ${what}: refused, except between two fields`, () => {
      /** Where a field ends: there a message may end, too. */
      const ends = new Set([0]);
      for (const reader = protobuf.Reader.create(whole); reader.pos < reader.len; ends.add(reader.pos)) {
        const tag = reader.uint32();
        reader.skipType(tag & 7);
      }
      // One way with the buffer cut, one with the bytes behind still there.
      for (let length = 0; length <= whole.length; length++) {
        if (ends.has(length)) {
          assert.doesNotThrow(() => skipAll(whole.subarray(0, length)));
          continue;
        }
        assertWireError(() => skipAll(whole.subarray(0, length)), MALFORMED, `${length} bytes`);
        assert.throws(
          () => fromProtobufjs(type).decode(new Reader(whole, 0, length)),
          // A group that ends with its message is protobufjs's own finding.
          (error: unknown) => (error instanceof WireError ? error.message === MALFORMED : name === "Groups" && String(error) === "Error: missing end group"),
          `${length} bytes`,
        );
      }
    });
  }

  it("a required field that is missing is protobufjs's own finding", () => {
    assert.throws(() => fromProtobufjs(reflected("Groups")).decode(new Reader(new Uint8Array(0))), /^ProtocolError: missing required 'id'$/);
  });
});
