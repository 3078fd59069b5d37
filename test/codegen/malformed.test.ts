// Malformed input to generated code: Go's verdict on each, and where both accept, the same message. Never a crash, a hang or
// an error of another kind. What is different on purpose is listed with its reason.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Field, Message } from "#lib/codegen/ir.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import type { GoResult } from "../support/codec.js";
import { skipGo } from "../support/go.js";
import { damage } from "../wire/damage.js";
import { hex, INVALID_UTF8, MALFORMED, random, unhex } from "../wire/support.js";
import { canonical } from "./canonical.js";
import { generated, ownProtos } from "./generated.js";
import { everyKind, type Kinds } from "./kinds.js";
import { RandomMessages } from "./random.js";
import { ours } from "./shapes.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 4);
/** Damaged messages, over all schemas. */
const DAMAGED = Number(process.env["TTRPC_RANDOM_MESSAGES"] ?? 24_000);

type Verdict = { readonly bytes: Uint8Array; readonly error?: never } | { readonly bytes?: never; readonly error: Error };

const REQUIRED = /^proto: required field [\w.]+ not set$/;
const INEXACT = /^64-bit integer -?\d+ has no exact number; generate with int64=bigint or int64=string$/;

/** Where Go accepts what we refuse. Nothing is the other way round. */
const DIFFERENCES = [
  {
    what: "a string of proto2, or of a field without utf8_validation, that is not UTF-8",
    reason: "a JavaScript string cannot hold it; Go's proto2 hands such bytes on",
    applies: ({ message }: Error, kinds: Kinds) => message === INVALID_UTF8 && kinds.name === "proto2",
  },
  {
    what: "messages or unknown groups nested over 100 deep",
    reason: "Go takes 10,000, which would be JavaScript's whole stack; protobuf's other implementations take 100",
    applies: ({ cause }: Error) => cause instanceof Error && cause.message.endsWith(" nested over 100 deep"),
  },
  {
    what: "a message that comes in parts, with a required field not in the first of them",
    reason: "each part is checked when it has been read; encoders write a message in one piece",
    applies: ({ message }: Error) => REQUIRED.test(message),
  },
  {
    what: "a 64-bit integer beyond 2^53 in a field with jstype = JS_NUMBER",
    reason: "it would be another number",
    applies: ({ message }: Error) => INEXACT.test(message),
  },
] as const;

type Difference = (typeof DIFFERENCES)[number];

interface Sample {
  readonly what: string;
  readonly type: Message;
  readonly bytes: Uint8Array;
}

function ourVerdict(kinds: Kinds, { type, bytes }: Sample, context: string): Verdict {
  const generated = kinds.type(type.typeName);
  let message: object;
  try {
    message = fromBinary(generated, bytes);
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "WireError", `${context}: threw ${String(error)}`);
    const { message: text } = error;
    assert.ok(text === MALFORMED || text === INVALID_UTF8 || REQUIRED.test(text) || INEXACT.test(text), `${context}: ${text}`);
    return { error };
  }
  return { bytes: toBinary(generated, message) };
}

/** Returns the difference to Go, if there is one that is allowed. */
function compare(kinds: Kinds, sample: Sample, go: GoResult | undefined): Difference | undefined {
  const context = `${sample.what}, ${sample.type.typeName}: ${hex(sample.bytes.subarray(0, 2000))}`;
  assert.ok(go !== undefined);
  const mine = ourVerdict(kinds, sample, context);
  // Go has no verdict where it crashes: see cmd/codec.
  if (go.error?.startsWith("panic: ") === true) return undefined;
  if (go.bytes !== undefined && mine.bytes !== undefined) {
    assert.equal(hex(canonical(mine.bytes, sample.type)), hex(canonical(go.bytes, sample.type)), `${context}: not the message that Go reads`);
    return undefined;
  }
  if (mine.error === undefined) assert.fail(`${context}: accepted, but Go says: ${go.error}`);
  if (go.error !== undefined) return undefined;
  const difference = DIFFERENCES.find(({ applies }) => applies(mine.error, kinds));
  if (difference === undefined) assert.fail(`${context}: refused with "${mine.error.message}" (${String(mine.error.cause)}), but Go accepts it`);
  return difference;
}

/** All samples through Go in one go; returns how often each difference was seen. */
function compareAll(kinds: Kinds, samples: readonly Sample[]): Map<Difference, number> {
  const results = kinds.go.run(
    "binary without unknown",
    samples.map(({ type, bytes }) => ({ type: type.typeName, bytes })),
  );
  const seen = new Map<Difference, number>();
  for (const [i, sample] of samples.entries()) {
    const difference = compare(kinds, sample, results[i]);
    if (difference !== undefined) seen.set(difference, (seen.get(difference) ?? 0) + 1);
  }
  return seen;
}

function messageNamed(kinds: Kinds, name: string): Message {
  const found = kinds.messages.find((message) => message.name === name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
}

function varint(value: bigint): string {
  let text = "";
  for (; value >= 128n; value >>= 7n) text += (Number(value & 0x7fn) | 0x80).toString(16).padStart(2, "0");
  return text + Number(value).toString(16).padStart(2, "0");
}

/** A tag, over-long if `more` bytes are asked for. */
function tag(number: number, wireType: number, more = 0): string {
  const plain = varint((BigInt(number) << 3n) | BigInt(wireType));
  if (more === 0) return plain;
  const last = Number.parseInt(plain.slice(-2), 16) | 0x80;
  return plain.slice(0, -2) + last.toString(16) + "80".repeat(more - 1) + "00";
}

/** Values of each wire type, well-formed and not. */
const VALUES: Readonly<Record<number, readonly string[]>> = {
  0: [
    "00",
    "01",
    "7f",
    "ff01",
    "8000",
    "80808080808080808001",
    "ffffffffffffffffff01",
    "80808080808080808002",
    "ffffffffffffffffff7f",
    "8080808080808080808000",
    "ff".repeat(11),
    "ff",
    "8080",
    "",
  ],
  1: ["0000000000000000", "ffffffffffffffff", "000000000000f87f", "00000000000000", "00", ""],
  2: [
    "00",
    "0101",
    "8000",
    "0161",
    "03 616263",
    "0180",
    "02 c328",
    "03 eda080",
    "04 f0908080",
    "04 f4908080",
    "02 c080",
    "03 efbfbd",
    "80",
    "05",
    "0500",
    "ffffffff07",
    "ffffffff0f",
    "ffffffffffffffffff01",
    "80808080808080808002",
    "818080808000 61",
    "04 08011001",
    "08 0000000000000000",
    "04 00000000",
    "07 00000000000000",
    "02 0102",
    "0a ffffffffffffffffff01",
    "02 0880",
    "02 0b0c",
    "02 0a00",
    "04 0a016112",
    "06 0a0161120162",
    "05 0a01611200",
    "04 12020801",
    "08 12020801 12021001",
    "02 0c00",
    "02 0000",
  ],
  3: ["", "0c", "14", "08010c", "0801", "0b0c0c", "0a0161", "0c0c", "e40c", "8401", "8c010c"],
  4: ["", "00", "0c"],
  5: ["00000000", "ffffffff", "0000c07f", "000000", ""],
  6: ["", "00"],
  7: ["", "00"],
};

/** Each field, with each wire type, with each value. */
function fieldSamples(type: Message): Sample[] {
  const numbers = [...type.fields.map(({ number }) => number), 19_999];
  return numbers.flatMap((number) =>
    Object.entries(VALUES).flatMap(([wireType, values]) =>
      values.map((value) => ({ what: `field ${number} with wire type ${wireType}`, type, bytes: unhex(tag(number, Number(wireType)) + value) })),
    ),
  );
}

function tagSamples(type: Message): Sample[] {
  const texts: readonly (readonly [what: string, text: string])[] = [
    ["field number 0", `${tag(0, 0)}01`],
    ["field number 0 with a length", `${tag(0, 2)}00`],
    ["field number 0 as a group", "0304"],
    ["an end group of number 0", "04"],
    ["the highest field number", `${varint(((2n ** 29n - 1n) << 3n) | 0n)}01`],
    ["a field number too high", `${varint((2n ** 29n) << 3n)}01`],
    ["a field number of 32 bits", `${varint((2n ** 32n - 1n) << 3n)}01`],
    ["a field number of 61 bits", `${varint(2n ** 64n - 8n)}01`],
    ["a tag over 64 bits", "ffffffffffffffffff7f01"],
    ["a tag that is over-long by one byte", `${tag(1, 0, 1)}01`],
    ["a tag that is over-long by eight bytes", `${tag(1, 0, 8)}01`],
    ["a tag of eleven bytes", `${tag(1, 0, 10)}01`],
    ["a tag that does not end", "88"],
    ["a stray end group", tag(1, 4)],
    ["a stray end group of an unknown field", tag(20_001, 4)],
    ["a group that does not end", tag(20_001, 3)],
    ["a group that another ends", `${tag(20_001, 3)}${tag(20_002, 4)}`],
    ["a group within a group, ended crosswise", `${tag(20_001, 3)}${tag(20_002, 3)}${tag(20_001, 4)}${tag(20_002, 4)}`],
    ["a group within a group", `${tag(20_001, 3)}${tag(20_002, 3)}${tag(20_002, 4)}${tag(20_001, 4)}`],
    ["a group that has a field number 0", `${tag(20_001, 3)}0001${tag(20_001, 4)}`],
    ["a group with an over-long end", `${tag(20_001, 3)}${tag(20_001, 4, 3)}`],
  ];
  return texts.map(([what, text]) => ({ what, type, bytes: unhex(text) }));
}

/** `depth` messages within the outermost one, each the field `field` of the one around it. */
function nestedBytes(field: Field, depth: number): Buffer {
  // The innermost one is made first, and lies last.
  const headers: Buffer[] = [];
  let length = 0;
  for (let i = 0; i < depth; i++) {
    const header = unhex(tag(field.number, 2) + varint(BigInt(length)));
    headers.push(header);
    length += header.length;
  }
  const out = Buffer.alloc(length);
  let end = length;
  for (const header of headers) {
    end -= header.length;
    header.copy(out, end);
  }
  return out;
}

/** Random messages, to be damaged. */
function wholeSamples(kinds: Kinds, count: number, fields = 60): Sample[] {
  return Array.from({ length: count }, (_, i) => {
    const source = new RandomMessages(SEED + i, { unknownEnumValues: kinds.openEnums });
    const message = source.message(source.pick(kinds.messages), fields);
    return { what: `message ${SEED + i}`, type: message.type, bytes: toBinary(kinds.type(message.type.typeName), ours(message)) };
  });
}

const [schemas = []] = await everyKind("malformed", {});
const seen = new Map<Difference, number>();

describe("malformed input: Go's verdict", { skip: skipGo() }, () => {
  function check(kinds: Kinds, samples: readonly Sample[]): void {
    for (const [difference, count] of compareAll(kinds, samples)) seen.set(difference, (seen.get(difference) ?? 0) + count);
  }

  for (const kinds of schemas) {
    describe(kinds.name, () => {
      it("every field with every wire type, and values that are none", () => check(kinds, kinds.messages.flatMap(fieldSamples)));

      it("tags", () => check(kinds, kinds.messages.flatMap(tagSamples)));

      it("messages cut off at every byte", () => {
        const whole = wholeSamples(kinds, 400, 30).filter(({ bytes }) => bytes.length > 0 && bytes.length < 400);
        check(
          kinds,
          whole
            .slice(0, 60)
            .flatMap(({ what, type, bytes }) => Array.from(bytes, (_, end) => ({ what: `${what} cut off at ${end}`, type, bytes: bytes.subarray(0, end) }))),
        );
      });

      it("two messages one behind the other are merged", () => {
        const whole = wholeSamples(kinds, 600).filter(({ bytes }) => bytes.length > 0);
        const byType = new Map<Message, Sample[]>();
        for (const sample of whole) byType.set(sample.type, [...(byType.get(sample.type) ?? []), sample]);
        check(
          kinds,
          [...byType.values()].flatMap((same) =>
            same.slice(1).map((sample, i) => ({
              ...sample,
              what: `${same[i]?.what} and ${sample.what}`,
              bytes: Buffer.concat([same[i]?.bytes ?? Buffer.alloc(0), sample.bytes]),
            })),
          ),
        );
      });

      const count = Math.ceil(DAMAGED / schemas.length);
      it(`${count} damaged messages`, (t) => {
        const next = random(SEED);
        const whole = wholeSamples(kinds, 500).filter(({ bytes }) => bytes.length > 0 && bytes.length < 3000);
        const damaged = Array.from({ length: count }, (_, i) => {
          const sample = whole[i % whole.length] as Sample;
          return { ...sample, what: `TTRPC_SEED=${SEED}, ${sample.what}, damage ${i}`, bytes: damage(Buffer.from(sample.bytes), next) };
        });
        check(kinds, damaged);
        t.diagnostic(`seed ${SEED}`);
      });

      it(`${count} messages with one bit flipped`, () => {
        const next = random(SEED + 1);
        const whole = wholeSamples(kinds, 500).filter(({ bytes }) => bytes.length > 0 && bytes.length < 3000);
        const flipped = Array.from({ length: count }, (_, i) => {
          const sample = whole[i % whole.length] as Sample;
          const bytes = Buffer.from(sample.bytes);
          const bit = Math.floor(next() * bytes.length * 8);
          bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
          return { ...sample, what: `TTRPC_SEED=${SEED}, ${sample.what}, bit ${bit}`, bytes };
        });
        check(kinds, flipped);
      });
    });
  }

  it("messages over 100 deep: Go takes them", () => {
    const [proto3] = schemas as [Kinds, ...Kinds[]];
    const tree = messageNamed(proto3, "Tree");
    const left = tree.fields.find(({ name }) => name === "left") as Field;
    const samples = [99, 100, 5000].map((depth) => ({ what: `${depth} deep`, type: tree, bytes: nestedBytes(left, depth) }));
    check(proto3, samples);
  });

  it("a required field that comes in the second part of a message: Go waits for the end, we do not", () => {
    const [, proto2] = schemas as [Kinds, Kinds, ...Kinds[]];
    // Groups: Needed { }, then Needed { name: "a" }.
    check(proto2, [{ what: "a message in two parts", type: messageNamed(proto2, "Groups"), bytes: unhex("1314 1312016114") }]);
  });

  it("a required field that comes in the first part of a message alone: as in Go", () => {
    const [, proto2] = schemas as [Kinds, Kinds, ...Kinds[]];
    const before = [...seen.values()].reduce((sum, count) => sum + count, 0);
    check(proto2, [{ what: "a message in two parts", type: messageNamed(proto2, "Groups"), bytes: unhex("1312016114 1314") }]);
    assert.equal(
      [...seen.values()].reduce((sum, count) => sum + count, 0),
      before,
    );
  });

  it("each difference was seen", (t) => {
    for (const difference of DIFFERENCES) {
      t.diagnostic(`${difference.what}: ${seen.get(difference) ?? 0} times; ${difference.reason}`);
      assert.ok((seen.get(difference) ?? 0) > 0, difference.what);
    }
  });
});

describe("messages that require themselves", () => {
  it("load, are refused however deep they are, and overflow no stack", async () => {
    const { type } = await generated("malformed-impossible", ownProtos("every-kind2-impossible.proto"));
    for (const name of ["Impossible", "Chicken", "Egg"]) {
      for (const bytes of [Buffer.alloc(0), unhex("0a020a00"), unhex("0a00"), Buffer.alloc(100_000, 0x0a)]) {
        assert.throws(() => fromBinary(type(`ttrpc.test.kinds2.${name}`), bytes), { name: "WireError" }, `${name} ${hex(bytes.subarray(0, 10))}`);
      }
      assert.throws(() => toBinary(type(`ttrpc.test.kinds2.${name}`), {}), { message: /^proto: required field ttrpc\.test\.kinds2\.\w+\.\w+ not set$/ });
    }
  });
});

describe("depth", () => {
  const [proto3, proto2] = schemas as [Kinds, Kinds, ...Kinds[]];

  function tooDeep(kinds: Kinds, type: Message, bytes: Uint8Array): void {
    assert.throws(
      () => fromBinary(kinds.type(type.typeName), bytes),
      (error: Error) =>
        error.name === "WireError" && error.message === MALFORMED && error.cause instanceof Error && error.cause.message.endsWith(" nested over 100 deep"),
    );
  }

  const tree = messageNamed(proto3, "Tree");
  for (const name of ["left", "children", "inside"]) {
    const field = tree.fields.find((each) => each.name === name) as Field;
    it(`${name}: 100 messages deep is read, 101 is refused, as is 10,000 and 1,000,000`, () => {
      // The outermost message is the first.
      const bytes = nestedBytes(field, 99);
      assert.equal(hex(toBinary(proto3.type(tree.typeName), fromBinary(proto3.type(tree.typeName), bytes))), hex(bytes));
      for (const depth of [100, 10_000, 1_000_000]) tooDeep(proto3, tree, nestedBytes(field, depth));
    });
  }

  it("1,000 messages beside each other are not deep", () => {
    // `children`, each empty; then a `left` with a `left` in it.
    const bytes = Buffer.from("1a00".repeat(1_000) + "0a020a00", "hex");
    const type = proto3.type(tree.typeName);
    assert.equal(hex(toBinary(type, fromBinary(type, bytes))), hex(Buffer.from("0a020a00" + "1a00".repeat(1_000), "hex")));
  });

  it("a circle of several types is counted, too", () => {
    const everything = messageNamed(proto3, "Ping");
    const pong = everything.fields.find(({ name }) => name === "pong") as Field;
    const walls = messageNamed(proto3, "Pong").fields.find(({ name }) => name === "walls") as Field;
    const pings = messageNamed(proto3, "Wall").fields.find(({ name }) => name === "pings") as Field;
    const around = (content: Buffer, number: number): Buffer => Buffer.concat([unhex(tag(number, 2) + varint(BigInt(content.length))), content]);
    let bytes: Buffer = Buffer.alloc(0);
    for (let i = 0; i < 2000; i++) bytes = around(around(around(around(bytes, 2), pings.number), walls.number), pong.number);
    tooDeep(proto3, everything, bytes);
  });

  it("unknown groups, 10,000 deep and without an end", () => {
    const empty = messageNamed(proto3, "Empty");
    tooDeep(proto3, empty, Buffer.concat([Buffer.alloc(10_000, 0x0b), Buffer.alloc(10_000, 0x0c)]));
    tooDeep(proto3, empty, Buffer.alloc(1_000_000, 0x0b));
  });

  it("known groups, 10,000 deep and without an end", () => {
    const groups = messageNamed(proto2, "Tree");
    // Branch { Tree tree { Branch ...
    const bytes = Buffer.alloc(1_000_000, 0x1b);
    assert.throws(() => fromBinary(proto2.type(groups.typeName), bytes), { name: "WireError", message: MALFORMED });
  });

  it("after a message that was too deep, the next one is read", () => {
    const field = tree.fields.find((each) => each.name === "left") as Field;
    const type = proto3.type(tree.typeName);
    tooDeep(proto3, tree, nestedBytes(field, 150));
    assert.equal(hex(toBinary(type, fromBinary(type, nestedBytes(field, 99)))), hex(nestedBytes(field, 99)));
  });
});
