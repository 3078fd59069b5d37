// 64-bit integers in every form that a caller may pass: bigint, decimal string, number, Long, and anything like a Long.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import protobuf from "protobufjs";
import { Reader, Writer } from "#lib/index.js";
import { hex, long, readKind, writeKind } from "./support.js";

const KINDS = ["uint64", "int64", "sint64", "fixed64", "sfixed64"] as const;
type Kind = (typeof KINDS)[number];
const UNSIGNED: readonly Kind[] = ["uint64", "fixed64"];

const U64_MAX = 2n ** 64n - 1n;
const I64_MAX = 2n ** 63n - 1n;
const I64_MIN = -(2n ** 63n);
const common = [
  0n,
  1n,
  127n,
  128n,
  2n ** 28n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 35n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 56n,
  2n ** 62n,
  I64_MAX,
];
const signed = [...common, -1n, -128n, -(2n ** 31n), -(2n ** 31n) - 1n, -(2n ** 32n), -(2n ** 32n) - 1n, -(2n ** 53n) - 1n, I64_MIN];
const unsigned = [...common, 2n ** 63n, 2n ** 63n + 1n, U64_MAX];

function valuesOf(kind: Kind): readonly bigint[] {
  return UNSIGNED.includes(kind) ? unsigned : signed;
}

function longOf(value: bigint, kind: Kind): { readonly low: number; readonly high: number } {
  return long(value, UNSIGNED.includes(kind));
}

function ours(kind: Kind | `${Kind}s`, value: unknown): Uint8Array {
  const writer = new Writer();
  writeKind(writer, kind, value);
  return writer.finish();
}

function theirs(kind: Kind | `${Kind}s`, value: unknown): Uint8Array {
  const writer = protobuf.Writer.create();
  writeKind(writer, kind, value);
  return writer.finish();
}

/** Every form that can say `value` exactly. */
function formsOf(value: bigint, kind: Kind): unknown[] {
  const { low, high } = longOf(value, kind);
  const forms: unknown[] = [value, value.toString(), longOf(value, kind), { low, high }];
  if (BigInt(Number(value)) === value) forms.push(Number(value));
  return forms;
}

for (const kind of KINDS) {
  describe(kind, () => {
    it("is written as protobufjs writes it, whatever form it comes in, and read back as a bigint", () => {
      for (const value of valuesOf(kind)) {
        const expected = hex(theirs(kind, longOf(value, kind)));
        for (const form of formsOf(value, kind)) assert.equal(hex(ours(kind, form)), expected, `${value} as ${typeof form}`);
        const bytes = Buffer.from(expected, "hex");
        const reader = new Reader(bytes);
        assert.equal(readKind(reader, kind), value);
        assert.equal(reader.pos, bytes.length);
      }
    });

    it("packed, too", () => {
      const values = valuesOf(kind);
      const bytes = ours(`${kind}s`, values);
      assert.equal(
        hex(bytes),
        hex(
          theirs(
            `${kind}s`,
            values.map((value) => longOf(value, kind)),
          ),
        ),
      );
      assert.deepEqual(readKind(new Reader(bytes), `${kind}s`), values);
    });
  });
}

describe("hand-written bytes", () => {
  const vectors: readonly (readonly [Kind, bigint, string])[] = [
    ["int64", -1n, "ffffffffffffffffff01"],
    ["int64", I64_MIN, "80808080808080808001"],
    ["int64", I64_MAX, "ffffffffffffffff7f"],
    ["int64", 2n ** 53n + 1n, "8180808080808010"],
    // Go's zero time, which containerd sends.
    ["int64", -62_135_596_800n, "8092b8c398feffffff01"],
    ["uint64", U64_MAX, "ffffffffffffffffff01"],
    ["uint64", 2n ** 63n, "80808080808080808001"],
    ["sint64", -1n, "01"],
    ["sint64", I64_MAX, "feffffffffffffffff01"],
    ["sint64", I64_MIN, "ffffffffffffffffff01"],
    ["fixed64", 0x0102030405060708n, "0807060504030201"],
    ["sfixed64", -2n, "feffffffffffffff"],
  ];
  for (const [kind, value, text] of vectors) {
    it(`${kind} ${value} is ${text}`, () => {
      assert.equal(hex(ours(kind, value)), text);
      assert.equal(readKind(new Reader(Buffer.from(text, "hex")), kind), value);
    });
  }

  it("what does not fit wraps, as in every protobuf", () => {
    assert.equal(hex(ours("int64", U64_MAX)), "ffffffffffffffffff01");
    assert.equal(hex(ours("uint64", -1n)), "ffffffffffffffffff01");
    assert.equal(hex(ours("uint64", 2n ** 64n + 5n)), "05");
    assert.equal(hex(ours("int64", "18446744073709551615")), "ffffffffffffffffff01");
  });

  it("numbers lose their fraction; those that are no numbers are refused", () => {
    assert.equal(hex(ours("int64", 1.9)), "01");
    assert.equal(hex(ours("int64", -1.9)), "ffffffffffffffffff01");
    assert.equal(hex(ours("int64", -0)), "00");
    assert.equal(hex(ours("sint64", -(2 ** 40) - 0.5)), hex(ours("sint64", -(2n ** 40n))));
    for (const value of [NaN, Infinity, -Infinity]) assert.throws(() => ours("int64", value), RangeError);
    assert.throws(() => ours("int64", "twelve"), SyntaxError);
  });

  it("a Long-like keeps its bits even if its words are signed", () => {
    assert.equal(hex(ours("uint64", { low: -1, high: -1 })), "ffffffffffffffffff01");
    assert.equal(hex(ours("fixed64", { low: -2_147_483_648, high: 1 })), "0000008001000000");
    assert.equal(hex(ours("int64", { low: 5, high: 0, unsigned: false })), "05");
  });
});
