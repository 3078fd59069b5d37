// Random messages over every kind of field: our generated code, protobufjs's reflection and Go's protobuf agree on each byte.
// TTRPC_SEED repeats a run or, with TTRPC_RANDOM_MESSAGES=1, one message.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Field, Message } from "#lib/codegen/ir.js";
import { fromBinary, toBinary, Writer } from "#lib/runtime.js";
import { GoCodec, type GoRequest } from "../support/codec.js";
import { skipGo } from "../support/go.js";
import { hex } from "../wire/support.js";
import { canonical } from "./canonical.js";
import { generated, ownProtos } from "./generated.js";
import { everyKind, type Kinds } from "./kinds.js";
import { nested, type RandomMessage, RandomMessages } from "./random.js";
import { ours, theirs } from "./shapes.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 20_260);
/** In all, over all schemas. */
const MESSAGES = Number(process.env["TTRPC_RANDOM_MESSAGES"] ?? 100_000);
/** Of them, by how much there is to try. */
const SHARES: Readonly<Record<string, number>> = { proto3: 0.5, proto2: 0.2, "edition 2023": 0.2, "features of a file": 0.05, "well-known types": 0.05 };
const BATCH = 5000;
/** Every so many messages, values are compared one by one, and not only what they encode to. */
const LOOK_CLOSELY = 8;

interface Sample {
  readonly seed: number;
  readonly message: RandomMessage;
  /** What our generated code made of it. */
  readonly bytes: Uint8Array;
}

/** The same seed makes the same message, whatever came before it. */
function make(kinds: Kinds, seed: number): RandomMessage {
  const source = new RandomMessages(seed, { unknownEnumValues: kinds.openEnums });
  return source.message(source.pick(kinds.messages));
}

function sameBytes(actual: Uint8Array, expected: Uint8Array, { seed, message }: Omit<Sample, "bytes">, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  assert.fail(`${what}, TTRPC_SEED=${seed}, ${message.type.typeName}:\nexpected ${hex(expected)}\nactual   ${hex(actual)}`);
}

/** Against protobufjs, in both directions. */
function checkHere(kinds: Kinds, seed: number, index: number): Sample {
  const message = make(kinds, seed);
  const type = kinds.type(message.type.typeName);
  const reflected = kinds.reflected(message.type);
  const at = { seed, message };
  const bytes = toBinary(type, ours(message));
  sameBytes(bytes, reflected.encode(theirs(message, kinds.reflected)).finish(), at, "protobufjs encodes something else");
  // A writer that has to grow, and grows at another place each time.
  const small = new Writer(Buffer.allocUnsafeSlow(1 + (index % 97)), index % 2 === 0);
  type.encode(ours(message), small);
  sameBytes(small.finish(), bytes, at, "a small writer gives something else");
  const decoded = fromBinary(type, bytes);
  sameBytes(toBinary(type, decoded), bytes, at, "what we decode encodes to something else");
  if (index % LOOK_CLOSELY === 0) {
    const context = `TTRPC_SEED=${seed}, ${message.type.typeName}: ${hex(bytes)}`;
    assert.deepEqual(decoded, ours(message, true), context);
    assert.deepEqual(type.create(ours(message)), ours(message, true), context);
    sameBytes(reflected.encode(reflected.decode(bytes)).finish(), bytes, at, "protobufjs decodes something else");
  }
  return { seed, message, bytes };
}

/** From us to Go and back. */
function checkWithGo(kinds: Kinds, samples: readonly Sample[]): void {
  const requests = samples.map(({ message, bytes }): GoRequest => ({ type: message.type.typeName, bytes }));
  const results = kinds.go.run("binary", requests);
  for (const [i, sample] of samples.entries()) {
    const result = results[i];
    const type = kinds.type(sample.message.type.typeName);
    if (result?.bytes === undefined)
      assert.fail(`Go refuses TTRPC_SEED=${sample.seed}, ${sample.message.type.typeName}: ${result?.error}\n${hex(sample.bytes)}`);
    sameBytes(canonical(result.bytes, sample.message.type), canonical(sample.bytes, sample.message.type), sample, "Go encodes something else");
    sameBytes(toBinary(type, fromBinary(type, result.bytes)), sample.bytes, sample, "what comes back from Go encodes to something else");
  }
}

const [schemas = []] = await everyKind("random", {});
const skip = skipGo();

for (const kinds of schemas) {
  const count = Math.ceil(MESSAGES * (SHARES[kinds.name] ?? 0));
  const seeds = Array.from({ length: count }, (_, i) => SEED + i);

  describe(kinds.name, () => {
    const samples: Sample[] = [];

    it(`${count} random messages: byte for byte what protobufjs encodes and decodes`, (t) => {
      for (const [i, seed] of seeds.entries()) samples.push(checkHere(kinds, seed, i));
      const bytes = samples.reduce((sum, sample) => sum + sample.bytes.length, 0);
      t.diagnostic(`seeds ${SEED} to ${SEED + count - 1}, ${(bytes / 1e6).toFixed(1)} MB, ${new Set(samples.map(({ message }) => message.type)).size} types`);
    });

    it("the same messages to Go and back, byte for byte", { skip }, () => {
      assert.equal(samples.length, count, "the messages are those of the test before");
      for (let at = 0; at < count; at += BATCH) checkWithGo(kinds, samples.slice(at, at + BATCH));
    });
  });
}

describe("a group in a oneof", { skip }, () => {
  it("to Go and back, byte for byte", async () => {
    const sources = ownProtos("every-kind2-oneof-group.proto");
    const code = await generated("random-oneof-group", sources);
    const go = new GoCodec(sources.includePaths, sources.files);
    const [type] = code.messages as [Message, ...Message[]];
    const own = code.type(type.typeName);
    const samples = Array.from({ length: 500 }, (_, i): Sample => {
      const message = new RandomMessages(SEED + i).message(type);
      return { seed: SEED + i, message, bytes: toBinary(own, ours(message)) };
    });
    const results = go.run(
      "binary",
      samples.map(({ bytes }) => ({ type: type.typeName, bytes })),
    );
    for (const [i, sample] of samples.entries()) {
      const result = results[i]?.bytes;
      assert.ok(result !== undefined, results[i]?.error);
      sameBytes(result, sample.bytes, sample, "Go encodes something else");
      assert.deepEqual(fromBinary(own, result), ours(sample.message, true));
    }
  });
});

describe("messages within messages", () => {
  const [proto3] = schemas as [Kinds, ...Kinds[]];
  const tree = proto3.messages.find(({ name }) => name === "Tree") as Message;
  const leaf = tree.fields.find(({ name }) => name === "leaf") as Field;
  const type = proto3.type(tree.typeName);

  for (const name of ["left", "children", "named", "inside"]) {
    const field = tree.fields.find((each) => each.name === name) as Field;
    // Two messages a level where there is a map: its entry counts, too, for some decoders.
    it(`${name}: 45 deep`, { skip }, () => {
      const message = nested(field, 45, { type: tree, fields: new Map([[leaf, "end"]]) });
      const bytes = toBinary(type, ours(message));
      sameBytes(bytes, proto3.reflected(tree).encode(theirs(message, proto3.reflected)).finish(), { seed: 0, message }, "protobufjs encodes something else");
      assert.deepEqual(fromBinary(type, bytes), ours(message, true));
      checkWithGo(proto3, [{ seed: 0, message, bytes }]);
    });
  }

  it("a message whose length takes two, three and four bytes", { skip }, () => {
    const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);
    const wall = proto3.messages.find((each) => each.name === "Wall") as Message;
    const brick = wall.fields.find((each) => each.name === "brick") as Field;
    const everything = proto3.messages.find((each) => each.name === "Pong") as Message;
    const walls = everything.fields.find((each) => each.name === "walls") as Field;
    const message: RandomMessage = {
      type: everything,
      fields: new Map([[walls, [100, 20_000, 2_100_000].map((length): RandomMessage => ({ type: wall, fields: new Map([[brick, bytes(length)]]) }))]]),
    };
    const encoded = toBinary(proto3.type(everything.typeName), ours(message));
    checkWithGo(proto3, [{ seed: 0, message, bytes: encoded }]);
  });
});
