// ProtoJSON of random messages with every kind of field: Go reads what we write, and we read what Go writes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AnyJsonMessage, fromJsonString, toJsonString } from "#lib/json/index.js";
import { toBinary } from "#lib/runtime.js";
import { skipGo } from "../support/go.js";
import { hex } from "../wire/support.js";
import { canonical } from "./canonical.js";
import { everyKind, type Kinds } from "./kinds.js";
import { type RandomMessage, RandomMessages } from "./random.js";
import { ours } from "./shapes.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 900);
const MESSAGES = Number(process.env["TTRPC_RANDOM_MESSAGES"] ?? 1500);

interface Sample {
  readonly context: string;
  readonly message: RandomMessage;
  readonly type: AnyJsonMessage;
  readonly bytes: Uint8Array;
}

function sample(kinds: Kinds, seed: number): Sample {
  const source = new RandomMessages(seed, { unknownEnumValues: kinds.openEnums });
  // Most random values of well-known types have no JSON: a Timestamp of the year 300,000, an Any of nothing.
  const message = source.message(source.pick(kinds.messages.filter(({ name }) => name !== "WellKnown")));
  const { typeName } = message.type;
  const type = kinds.type(typeName) as unknown as AnyJsonMessage;
  return { context: `TTRPC_SEED=${seed} ${typeName}`, message, type, bytes: toBinary(kinds.type(typeName), ours(message)) };
}

const [schemas = []] = await everyKind("every-json", { json: true });

describe("ProtoJSON, with Go", { skip: skipGo() }, () => {
  for (const kinds of schemas) {
    const samples = Array.from({ length: MESSAGES }, (_, i) => sample(kinds, SEED + i));

    it(`${kinds.name}: Go reads what we write`, () => {
      const texts = samples.map(({ type, message }) => toJsonString(type, ours(message) as never));
      const results = kinds.go.run(
        "from json",
        samples.map(({ type }, i) => ({ type: type.typeName, bytes: Buffer.from(texts[i] ?? "") })),
      );
      for (const [i, { context, message, bytes }] of samples.entries()) {
        const result = results[i];
        if (result?.bytes === undefined) assert.fail(`${context}: Go refuses our JSON: ${result?.error}\n${texts[i]}`);
        assert.equal(hex(canonical(result.bytes, message.type)), hex(canonical(bytes, message.type)), `${context}: ${texts[i]}`);
      }
    });

    it(`${kinds.name}: we read what Go writes`, () => {
      const results = kinds.go.run(
        "to json",
        samples.map(({ type, bytes }) => ({ type: type.typeName, bytes })),
      );
      for (const [i, { context, message, type, bytes }] of samples.entries()) {
        const result = results[i];
        if (result?.bytes === undefined) assert.fail(`${context}: Go writes no JSON: ${result?.error}`);
        const text = result.bytes.toString();
        const read = fromJsonString(type, text);
        assert.equal(hex(canonical(toBinary(type, read as never), message.type)), hex(canonical(bytes, message.type)), `${context}: ${text}`);
      }
    });
  }
});
