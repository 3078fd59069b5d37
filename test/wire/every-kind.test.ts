// pbjs static classes and reflected types of protobufjs on our Writer and Reader: random messages with every kind of field,
// byte for byte and value for value what they do on protobufjs's own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type protobuf from "protobufjs";
import { readProtos } from "#lib/codegen/from-files.js";
import type { Message } from "#lib/codegen/ir.js";
import { Reader, Writer } from "#lib/index.js";
import { fromProtobufjs } from "#lib/protobufjs.js";
import { PROTOS } from "../codegen/generated.js";
import { RandomMessages } from "../codegen/random.js";
import { reflect, reflectedTypes } from "../codegen/reflected.js";
import { theirs } from "../codegen/shapes.js";
import { ROOT } from "../support/root.js";
import { hex } from "./support.js";
import type { StaticType } from "./types.js";

const SEED = Number(process.env["TTRPC_SEED"] ?? 77);
const MESSAGES = Number(process.env["TTRPC_RANDOM_MESSAGES"] ?? 2000);
const FILES = ["every-kind.proto", "every-kind2.proto", "every-kind-editions.proto", "every-kind-features.proto"];

/** What pbjs makes of the file: classes by full name. Fields have the names that reflection gives them. */
function makeStatic(file: string): (typeName: string) => StaticType {
  const folder = mkdtempSync(join(tmpdir(), "ttrpc-pbjs-"));
  try {
    const require = createRequire(import.meta.url);
    const out = join(folder, "kinds.cjs");
    const flags = [
      "-t",
      "static-module",
      "-w",
      "commonjs",
      "-r",
      out,
      "--dependency",
      require.resolve("protobufjs/minimal.js"),
      "--keep-case",
      "--no-comments",
      "--no-beautify",
    ];
    const pbjs = join(ROOT, "node_modules/protobufjs-cli/bin/pbjs");
    execFileSync(process.execPath, [pbjs, ...flags, "-p", PROTOS, "-o", out, join(PROTOS, file)], { stdio: ["ignore", "inherit", "inherit"] });
    const made = require(out) as object;
    return (typeName) => typeName.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], made) as StaticType;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withNested(messages: readonly Message[]): Message[] {
  return messages.flatMap((message) => [message, ...withNested(message.messages)]);
}

for (const file of FILES) {
  describe(file, () => {
    const { files, wanted } = readProtos([file], { includePaths: [PROTOS] });
    const messages = files.filter(({ path }) => wanted.has(path)).flatMap((each) => withNested(each.messages));
    const types = reflectedTypes(reflect({ includePaths: [PROTOS], files: [file] }));
    const staticType = makeStatic(file);
    const samples = Array.from({ length: MESSAGES }, (_, i) => {
      const source = new RandomMessages(SEED + i);
      const message = source.message(source.pick(messages));
      const type = types(message.type);
      const object = theirs(message, types);
      return { seed: SEED + i, type, object, bytes: type.encode(object).finish() };
    });
    const plain = (type: protobuf.Type, message: object): object =>
      type.toObject(message as never, { longs: String, bytes: String, defaults: true, oneofs: true });

    for (const flavour of ["reflected", "static"] as const) {
      it(`${flavour}: encodes the same bytes`, () => {
        for (const { seed, type, object, bytes } of samples) {
          const theirType = flavour === "reflected" ? type : staticType(type.fullName.slice(1));
          // A small buffer that has to grow, in the middle of other bytes, and large fields by reference.
          const writer = new Writer(Buffer.allocUnsafeSlow(16), true).raw([1, 2, 3]);
          fromProtobufjs(theirType).encode(object, writer);
          assert.equal(hex(writer.finish()), `010203${hex(bytes)}`, `TTRPC_SEED=${seed} ${type.fullName}`);
          if (flavour === "static") assert.equal(hex(staticType(type.fullName.slice(1)).encode(object).finish()), hex(bytes));
        }
      });

      it(`${flavour}: decodes the same message`, () => {
        for (const { seed, type, bytes } of samples) {
          const theirType = flavour === "reflected" ? type : staticType(type.fullName.slice(1));
          const decoded = fromProtobufjs(theirType).decode(new Reader(Buffer.concat([bytes, Buffer.alloc(3, 0xff)]), 0, bytes.length));
          assert.deepEqual(plain(type, decoded), plain(type, type.decode(bytes)), `TTRPC_SEED=${seed} ${type.fullName}: ${hex(bytes)}`);
        }
      });
    }
  });
}
