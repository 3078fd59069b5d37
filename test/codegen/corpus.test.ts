// The .proto files of real projects: all of them generate, compile under the strict set, load, and round-trip against
// protobufjs's reflection of the same files.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Message } from "#lib/codegen/ir.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import { containerdApi, type Corpus, gogoContainerd, nri, skipCorpora, upstreamTtrpc } from "../support/corpus.js";
import { hex } from "../wire/support.js";
import { compile, load, type Sources, write } from "./generated.js";
import { RandomMessages } from "./random.js";
import { reflect, reflectedTypes } from "./reflected.js";
import { ours, theirs, type Types } from "./shapes.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 1);
const ROUNDS = 20;
const CONTAINERD_BYTES = 600_000;
/** Measured: 95, in a process that has just started. */
const CONTAINERD_MS = 1_000;

/** The type, not a property of that name; and the declarations. */
const FORBIDDEN = /(?<![.\w$])any(?!\s*[?:(\w$])|(?<![.\w$])(?:enum|namespace|module)\s+[\w$.]+\s*\{/;

/** TypeScript without comments, strings and templates. */
function bare(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, " ");
}

/** Random messages of one type, against protobufjs. */
function checkType(type: Message, generated: { encode(value: object): Uint8Array; decode(bytes: Uint8Array): object }, types: Types): void {
  for (let round = 0; round < ROUNDS; round++) {
    const seed = SEED + round;
    const message = new RandomMessages(seed, { unknownEnumValues: true }).message(type, 200);
    const bytes = generated.encode(ours(message));
    const context = `TTRPC_SEED=${seed}, ${type.typeName}`;
    const reflected = types(type);
    const expected = reflected.encode(theirs(message, types)).finish();
    assert.equal(hex(bytes), hex(expected), context);
    assert.deepEqual(generated.decode(expected), ours(message, true), `${context}: ${hex(bytes)}`);
    assert.equal(hex(reflected.encode(reflected.decode(bytes)).finish()), hex(bytes), context);
  }
}

const CORPORA: readonly (readonly [what: string, get: () => Corpus])[] = [
  ["containerd's API", containerdApi],
  ["NRI", nri],
  ["upstream's ttrpc", upstreamTtrpc],
  ["containerd 1.4, with gogo.proto", () => gogoContainerd("with gogo.proto")],
  ["containerd 1.4, without gogo.proto", () => gogoContainerd("without gogo.proto")],
];

const skip = skipCorpora();

describe("real .proto files", { skip }, () => {
  const written = skip === false ? CORPORA.map(([what, get]) => prepare(what, get())) : [];

  function prepare(what: string, corpus: Corpus): { what: string; corpus: Corpus; sources: Sources; code: ReturnType<typeof write> } {
    return { what, corpus, sources: corpus, code: write(`corpus-${corpus.name}`, corpus) };
  }

  it("compile under the strict set", () => compile(...written.map(({ code }) => code)));

  for (const { what, corpus, sources, code } of written) {
    describe(what, () => {
      const size = code.outputs.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);

      it("gives one module for each file", (t) => {
        const lines = `${corpus.files.length} files, ${(size / 1e6).toFixed(3)} MB, read in ${code.readMs.toFixed(0)} ms, generated in ${code.generateMs.toFixed(0)} ms`;
        t.diagnostic(lines);
        for (const warning of code.warnings) t.diagnostic(warning);
        const names = code.outputs.map(({ name }) => name);
        for (const file of corpus.files) assert.ok(names.includes(file.replace(/\.proto$/, "_ttrpc.ts")), file);
      });

      it("says the same when it is asked again", () => {
        const again = write(`corpus-${corpus.name}-again`, sources);
        assert.deepEqual(again.outputs, code.outputs);
      });

      it("has no any, no enum, no namespace", () => {
        for (const { name, content } of code.outputs) {
          const lines = bare(content).split("\n");
          for (const [i, line] of lines.entries()) assert.ok(!FORBIDDEN.test(line), `${name}, line ${i + 1}: ${line}`);
        }
      });

      if (corpus.name === "containerd") {
        it(`is under ${CONTAINERD_BYTES} bytes, in under ${CONTAINERD_MS} ms`, () => {
          assert.ok(size < CONTAINERD_BYTES, `${size} bytes`);
          const ms = code.readMs + code.generateMs;
          assert.ok(ms < CONTAINERD_MS, `${ms} ms`);
        });
      }

      it("random messages of every type, byte for byte and value for value", async (t) => {
        const { messages, type } = await load(code);
        const types = reflectedTypes(reflect(sources));
        for (const message of messages) {
          const generated = type(message.typeName);
          checkType(message, { encode: (value) => toBinary(generated, value), decode: (bytes) => fromBinary(generated, bytes) }, types);
        }
        t.diagnostic(`${messages.length} types, seeds ${SEED} to ${SEED + ROUNDS - 1}`);
      });
    });
  }
});
