// The generator's options change what messages look like, not what they are on the wire.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Message } from "#lib/codegen/ir.js";
import type { GenerateOptions } from "#lib/codegen/options.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import { skipGo } from "../support/go.js";
import { hex } from "../wire/support.js";
import { canonical } from "./canonical.js";
import { everyKind } from "./kinds.js";
import { RandomMessages } from "./random.js";
import { ours, type Shape, theirs } from "./shapes.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 500);
const MESSAGES = Number(process.env["TTRPC_RANDOM_MESSAGES"] ?? 300);

const COMBINATIONS: readonly Partial<GenerateOptions>[] = [
  { int64: "string" },
  { int64: "number" },
  { maps: "map" },
  { maps: "map", int64: "string", unknownFields: "keep" },
  { maps: "map", int64: "number", json: true },
];

/** Whether well-known types are in it, at any depth: those come with the package, which drops their unknown fields. */
function reachesWellKnown(message: Message, seen = new Set<Message>()): boolean {
  if (seen.has(message)) return false;
  seen.add(message);
  return message.typeName.startsWith("google.protobuf.") || message.fields.some(({ type }) => type.kind === "message" && reachesWellKnown(type.message, seen));
}

const made = await everyKind("every-option", ...COMBINATIONS);

for (const [index, options] of COMBINATIONS.entries()) {
  const title = Object.entries(options)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(" ");
  describe(title, () => {
    const shape: Shape = { int64: options.int64 ?? "bigint", maps: options.maps ?? "object" };
    for (const kinds of made[index] ?? []) {
      it(`${kinds.name}: ${MESSAGES} random messages, byte for byte and value for value`, () => {
        for (let seed = SEED; seed < SEED + MESSAGES; seed++) {
          const source = new RandomMessages(seed, { unknownEnumValues: kinds.openEnums, safeIntegers: shape.int64 === "number" });
          const message = source.message(source.pick(kinds.messages));
          const context = `TTRPC_SEED=${seed} ${message.type.typeName}`;
          const type = kinds.type(message.type.typeName);
          const expected = kinds.reflected(message.type).encode(theirs(message, kinds.reflected)).finish();
          const encoded = toBinary(type, ours(message, false, shape));
          // A Map keeps its order; in an object, integers come first.
          const inOrder = (bytes: Uint8Array): string => hex(shape.maps === "map" ? canonical(bytes, message.type) : bytes);
          assert.equal(inOrder(encoded), inOrder(expected), context);
          const decoded = fromBinary(type, encoded);
          assert.deepEqual(decoded, ours(message, true, shape), context);
          assert.deepEqual(type.create(ours(message, false, shape)), decoded, context);
          assert.equal(hex(toBinary(type, decoded)), hex(encoded), context);
        }
      });

      const keeping = kinds.messages.filter((message) => !reachesWellKnown(message));
      if (options.unknownFields === "keep" && keeping.length > 0) {
        it(`${kinds.name}: messages read as if they were of another type, as Go reads and keeps them`, { skip: skipGo() }, () => {
          const samples = Array.from({ length: MESSAGES * 10 }, (_, i) => {
            const source = new RandomMessages(SEED + i);
            const message = source.message(source.pick(kinds.messages));
            return { type: source.pick(keeping), bytes: toBinary(kinds.type(message.type.typeName), ours(message, false, shape)) };
          });
          const results = kinds.go.run(
            "binary",
            samples.map(({ type, bytes }) => ({ type: type.typeName, bytes })),
          );
          let read = 0;
          for (const [i, { type, bytes }] of samples.entries()) {
            const go = results[i]?.bytes;
            if (go === undefined) continue;
            let kept: Uint8Array;
            try {
              kept = toBinary(kinds.type(type.typeName), fromBinary(kinds.type(type.typeName), bytes));
            } catch {
              // test/codegen/malformed.test.ts has the errors.
              continue;
            }
            read++;
            assert.equal(hex(canonical(kept, type)), hex(canonical(go, type)), `TTRPC_SEED=${SEED + i} as ${type.typeName}: ${hex(bytes)}`);
          }
          assert.ok(read > MESSAGES, `${read} of ${samples.length} were read`);
        });
      }
    }
  });
}
