// fromProtobufjs: types of protobufjs as message types of ours.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import protobuf from "protobufjs";
import { Reader, Writer } from "#lib/index.js";
import { fromProtobufjs, type ProtobufjsType } from "#lib/protobufjs.js";
import { decodeMessage, encodeMessage } from "#lib/codec.js";
import { hex, long, MALFORMED, unhex } from "./support.js";
import { makeStatic, PACKAGE, reflected, type StaticTypes } from "./types.js";

const made = makeStatic();
const flavours: Readonly<Record<string, ProtobufjsType>> = { reflected: reflected("Kinds"), static: made.Kinds };

interface Longs {
  readonly uint64: unknown;
  readonly int64: unknown;
  readonly sint64: unknown;
  readonly fixed64: unknown;
  readonly sfixed64: unknown;
}

const longFields = new Writer()
  .uint32(4 << 3)
  .uint64(2n ** 64n - 1n)
  .uint32(5 << 3)
  .int64(-(2n ** 63n))
  .uint32(6 << 3)
  .sint64(-3n)
  .uint32((10 << 3) | 1)
  .fixed64(2n ** 63n)
  .uint32((11 << 3) | 1)
  .sfixed64(-1n)
  .finish();

for (const [flavour, type] of Object.entries(flavours)) {
  describe(`a ${flavour} type`, () => {
    it("gives its full name", () => assert.equal(fromProtobufjs(type).typeName, `${PACKAGE}.Kinds`));

    it("keeps a name that is given", () => assert.equal(fromProtobufjs(type, "other.Name").typeName, "other.Name"));

    it("creates messages of its class", () => {
      const message = fromProtobufjs<{ uint32: number; string: string }>(type).create({ uint32: 5 });
      assert.deepEqual([message.uint32, message.string], [5, ""]);
      assert.notEqual(Object.getPrototypeOf(message), Object.prototype);
      assert.equal(fromProtobufjs<{ uint32: number }>(type).create().uint32, 0);
    });

    it("encodes plain objects into the writer that it is given, and returns that", () => {
      const writer = new Writer().uint32(1);
      assert.equal(fromProtobufjs<{ uint32: number }>(type).encode({ uint32: 3 }, writer), writer);
      assert.equal(hex(writer.finish()), "010803");
    });

    it("decodes as much as it is told, and leaves the reader behind it", () => {
      const reader = new Reader(unhex("ff 0803 1005 ff"), 1, 5);
      const kinds = fromProtobufjs<{ uint32: number; int32: number }>(type);
      const first = kinds.decode(reader, 2);
      assert.deepEqual([first.uint32, first.int32, reader.pos, reader.len], [3, 0, 3, 5]);
      const second = kinds.decode(reader);
      assert.deepEqual([second.uint32, second.int32, reader.pos, reader.len], [0, 5, 5, 5]);
      assert.equal(kinds.decode(reader).uint32, 0, "nothing is left: an empty message");
    });

    it("after something malformed, decodes the next message as if nothing had been", () => {
      const kinds = fromProtobufjs<{ uint32: number; child: { uint32: number } }>(type);
      // The length of `child` is cut short, so the decoder stops with its limits narrowed.
      assert.throws(() => kinds.decode(new Reader(unhex("8a010308ffff"))));
      assert.equal(kinds.decode(new Reader(unhex("0807"))).uint32, 7);
      assert.equal(kinds.decode(new Reader(unhex("8a01020807"))).child.uint32, 7);
    });

    it("bytes are the message's own: copies of the slab, or views of a buffer that is the message's", () => {
      const kinds = fromProtobufjs<{ bytes: Uint8Array }>(type);
      const slab = Buffer.from(
        new Writer()
          .uint32((15 << 3) | 2)
          .bytes(Buffer.alloc(10_000, 7))
          .finish(),
      );
      assert.equal(kinds.decode(new Reader(slab, 0, slab.length, true)).bytes.buffer, slab.buffer);
      const copied = kinds.decode(new Reader(slab)).bytes;
      slab.fill(0);
      assert.ok(copied.length === 10_000 && copied.every((byte) => byte === 7));
    });

    it("64-bit integers are Long objects with the right sign", () => {
      const { uint64, int64, sint64, fixed64, sfixed64 } = fromProtobufjs<Longs>(type).decode(new Reader(longFields));
      for (const value of [uint64, int64, sint64, fixed64, sfixed64]) assert.ok(value instanceof protobuf.util.Long);
      assert.deepEqual([uint64, int64, sint64, fixed64, sfixed64].map(String), [
        "18446744073709551615",
        "-9223372036854775808",
        "-3",
        "9223372036854775808",
        "-1",
      ]);
    });

    it("bigints go out whole", () => {
      const kinds = fromProtobufjs<{ int64: bigint; uint64: bigint; sint64: bigint }>(type);
      const bytes = kinds.encode({ int64: -(2n ** 63n), uint64: 2n ** 64n - 1n, sint64: 2n ** 53n + 1n }, new Writer()).finish();
      const back = kinds.decode(new Reader(bytes));
      assert.deepEqual([back.int64, back.uint64, back.sint64].map(String), ["-9223372036854775808", "18446744073709551615", "9007199254740993"]);
    });
  });

  describe(`a ${flavour} type where the application has no long.js`, () => {
    const { Long } = protobuf.util;
    afterEach(() => {
      protobuf.util.Long = Long;
    });

    it("64-bit integers are numbers", () => {
      protobuf.util.Long = null as never;
      const { uint64, int64, sint64, fixed64, sfixed64 } = fromProtobufjs<Longs>(type).decode(new Reader(longFields));
      assert.deepEqual([uint64, int64, sint64, fixed64, sfixed64], [2 ** 64, -(2 ** 63), -3, 2 ** 63, -1]);
    });
  });
}

describe("packed lists of 64-bit integers", () => {
  it("are lists of Long, too", () => {
    const type = reflected("Packed");
    const lists = {
      uint64s: [long(2n ** 64n - 1n, true)],
      int64s: [long(-1n)],
      sint64s: [long(-2n), long(3n)],
      fixed64s: [long(4n, true)],
      sfixed64s: [long(-5n)],
    };
    const message = fromProtobufjs<typeof lists>(type).decode(new Reader(type.encode(lists).finish()));
    for (const name of ["uint64s", "int64s", "sint64s", "fixed64s", "sfixed64s"] as const) {
      assert.deepEqual(message[name].map(String), lists[name].map(String));
      assert.ok(message[name].every((value) => value instanceof protobuf.util.Long));
    }
  });
});

describe("names", () => {
  it("a class made with --no-typeurl has none: it must be given", () => {
    const nameless: StaticTypes = makeStatic("--no-typeurl");
    assert.throws(
      () => fromProtobufjs(nameless.Kinds),
      new TypeError("fromProtobufjs(): the class has no getTypeUrl(); give its full name as the second argument"),
    );
    const kinds = fromProtobufjs<{ uint32: number }>(nameless.Kinds, "my.Kinds");
    assert.equal(kinds.typeName, "my.Kinds");
    assert.equal(kinds.decode(new Reader(unhex("0805"))).uint32, 5);
  });

  it("a getTypeUrl that says nothing of use is no name", () => {
    const { encode, decode, create } = made.Kinds;
    assert.throws(() => fromProtobufjs({ encode, decode, create, getTypeUrl: () => undefined } as ProtobufjsType), TypeError);
  });
});

describe("misuse", () => {
  const notTypes: readonly unknown[] = [undefined, null, 5, "Kinds", {}, { encode() {} }, { decode() {} }, new protobuf.Root(), reflected("Kinds").fields];
  for (const [i, value] of notTypes.entries()) {
    it(`${i}: what is no protobufjs type`, () => {
      assert.throws(() => fromProtobufjs(value as ProtobufjsType), new TypeError("fromProtobufjs() needs a protobufjs Type or a class made by pbjs"));
    });
  }
});

describe("in the codec", () => {
  const kinds = fromProtobufjs<{ uint32: number; string: string }>(reflected("Kinds"));

  it("what the decoder throws becomes Internal, with Go's text", () => {
    assert.throws(() => decodeMessage(kinds, new Reader(unhex("08ff")), 2), { code: 13, message: `ttrpc: error unmarshalling payload: ${MALFORMED}` });
    assert.throws(() => decodeMessage(kinds, new Reader(unhex("7201ff")), 3), {
      code: 13,
      message: "ttrpc: error unmarshalling payload: string field contains invalid UTF-8",
    });
  });

  it("what the encoder throws becomes Internal, with Go's text and its cause", () => {
    const cause = new Error("no such field here");
    const failing = {
      get string(): string {
        throw cause;
      },
    };
    assert.throws(() => encodeMessage(kinds, failing, new Writer()), { code: 13, message: "ttrpc: error marshaling payload: no such field here", cause });
  });
});
