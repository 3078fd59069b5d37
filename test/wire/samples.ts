// Messages that reach every branch of an encoder, as plain objects for protobufjs types.
import { long } from "./support.js";
import type { TypeName } from "./types.js";

const U64_MAX = 2n ** 64n - 1n;
const I64_MAX = 2n ** 63n - 1n;
const I64_MIN = -(2n ** 63n);

const small = { uint32: 1, string: "x" };
const full = {
  uint32: 4_294_967_295,
  int32: -2_147_483_648,
  sint32: -2_147_483_648,
  uint64: long(U64_MAX, true),
  int64: long(I64_MIN),
  sint64: long(I64_MIN),
  bool: true,
  fixed32: 4_294_967_295,
  sfixed32: -1,
  fixed64: long(U64_MAX, true),
  sfixed64: long(I64_MIN),
  float: -0,
  double: Number.MIN_VALUE,
  string: "grüße, 世界 😀",
  bytes: Buffer.from([0, 1, 127, 128, 255]),
  mood: -1,
  child: { child: { child: small } },
  maybe: 0,
  branch: small,
  far: "far",
};
/** A nested message whose length takes two bytes, within one whose length takes three. */
const deep = { child: { string: "a".repeat(100), child: { bytes: Buffer.alloc(17_000, 7) } } };

const lists = {
  uint32s: [0, 1, 127, 128, 16_383, 16_384, 4_294_967_295],
  int32s: [0, -1, 2_147_483_647, -2_147_483_648],
  sint32s: [0, -1, 1, -2_147_483_648, 2_147_483_647],
  uint64s: [long(0n, true), long(2n ** 53n + 1n, true), long(U64_MAX, true)],
  int64s: [long(0n), long(-1n), long(I64_MAX), long(I64_MIN)],
  sint64s: [long(0n), long(-1n), long(I64_MAX), long(I64_MIN)],
  bools: [true, false, true],
  fixed32s: [0, 1, 4_294_967_295],
  sfixed32s: [-1, 2_147_483_647],
  fixed64s: [long(1n, true), long(U64_MAX, true)],
  sfixed64s: [long(-1n), long(I64_MIN)],
  floats: [0, -0, 1.5, Infinity, -Infinity, NaN],
  doubles: [0, -0, Math.PI, Infinity, -Infinity, NaN, Number.MAX_VALUE],
  moods: [0, 1, -1],
};
/** Packed fields whose lengths take two and three bytes. */
const longLists = {
  uint32s: Array.from({ length: 20_000 }, (_, i) => i),
  doubles: Array.from({ length: 20 }, (_, i) => i / 3),
  sint64s: Array.from({ length: 40 }, (_, i) => long(BigInt(-i))),
};

export const samples: readonly (readonly [type: TypeName, name: string, message: object])[] = [
  ["Kinds", "empty", {}],
  ["Kinds", "small", small],
  ["Kinds", "every field", full],
  ["Kinds", "nested", { child: full, line: "" }],
  ["Kinds", "lengths of two and three bytes", deep],
  ["Kinds", "zero with presence", { maybe: 0, count: long(0n, true) }],
  ["Packed", "empty", {}],
  ["Packed", "every field", lists],
  ["Packed", "long", longLists],
  ["Unpacked", "every field", { ...lists, strings: ["", "a", "é"], blobs: [Buffer.alloc(0), Buffer.alloc(200, 1)], children: [{}, small, deep] }],
  [
    "Maps",
    "every field",
    {
      by_string: { a: "1", "": "", ключ: "значение", ["k".repeat(200)]: "v".repeat(200) },
      by_int32: { "-1": Buffer.from([1]), 7: Buffer.alloc(0) },
      by_uint64: { 5: small, 6: {} },
      by_sint64: { "-9": 0.5 },
      by_bool: { true: 1, false: 0 },
      by_fixed32: { 4294967295: long(-1n) },
      by_sfixed64: { "-3": 3 },
    },
  ],
  ["Groups", "required only", { id: 0 }],
  ["Groups", "nested groups", { id: 7, inner: { name: "in", leaf: [{ value: long(-5n) }, {}, { value: long(I64_MAX) }] }, greeting: "bye", plain: [1, -1] }],
];
