// Names that clash: with variables of generated functions, with each other, and across files.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readProtos } from "#lib/codegen/from-files.js";
import { generate } from "#lib/codegen/generate.js";
import { topLevelName } from "#lib/codegen/names.js";
import { defaultOptions, type GenerateOptions } from "#lib/codegen/options.js";
import { loadProto } from "#lib/reflection.js";
import { fromBinary, toBinary } from "#lib/runtime.js";
import { ROOT } from "../support/root.js";
import { hex } from "../wire/support.js";
import { Alike } from "./golden/default/old_ttrpc.js";
import { compile, write } from "./generated.js";
import { folderWith } from "./programs.js";

const GOLDEN = join(ROOT, "test/codegen/golden");

/** Names of all variables and parameters of a generated module's functions. */
function variables(code: string): Set<string> {
  const found = new Set<string>();
  for (const [, declared = ""] of code.matchAll(/^ .*\b(?:const|let) (\w+|\[\w+, \w+\])/gm)) for (const [name] of declared.matchAll(/\w+/g)) found.add(name);
  for (const [, list = ""] of code.matchAll(/^ {2}(?:create|encode|decode)(?:: )?\((.*?)\) (?:=> |\{$)/gm)) {
    for (const part of list.split(", ")) found.add(part.split(" ")[0] ?? "");
  }
  for (const [, name = ""] of code.matchAll(/\((\w+)\) =>/g)) found.add(name);
  found.delete("");
  return found;
}

function generateTexts(texts: Readonly<Record<string, string>>, options: Partial<GenerateOptions> = {}): Record<string, string> {
  const { files, wanted } = readProtos(Object.keys(texts), { includePaths: [folderWith(texts)] });
  return Object.fromEntries(generate(files, wanted, { ...defaultOptions, ...options }).map(({ name, content }) => [name, content]));
}

describe("names of variables in generated functions", () => {
  const golden = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("_ttrpc.ts"));
  const all = new Set(golden.flatMap((name) => [...variables(readFileSync(join(GOLDEN, name), "utf8"))]));

  it("are all found here", () => {
    for (const name of ["init", "m", "_m", "w", "v", "k", "at", "inner", "r", "length", "into", "end", "tag", "last", "key", "value", "seen0"]) {
      assert.ok(all.has(name), name);
    }
  });

  for (const name of all) it(`${name} is no name of a message`, () => assert.equal(topLevelName(name), `${name}$`));
});

describe("fields and oneofs that are one in lowerCamelCase", () => {
  const message = { someName: { case: "anA$", value: "a" }, someName$: 5, someName$$: "b" } as const;
  const bytes = "0805120162220161";

  it("are properties of their own in generated code", () => {
    assert.equal(hex(toBinary(Alike, message)), bytes);
    assert.deepEqual(fromBinary(Alike, Buffer.from(bytes, "hex")), message);
    assert.deepEqual(Alike.create(message), message);
  });

  it("and in reflection", async () => {
    const reflected = (await loadProto("old.proto", { includePaths: [GOLDEN] })).message("golden.old.Alike");
    assert.equal(hex(toBinary(reflected, message)), bytes);
    assert.deepEqual(fromBinary(reflected, Buffer.from(bytes, "hex")), message);
  });
});

describe("a service", () => {
  const texts = {
    "a.proto": 'syntax = "proto3"; package a; message Echo {} message Service {}',
    "b.proto": 'syntax = "proto3"; package b; import "a.proto"; service Echo { rpc Say(a.Echo) returns (a.Service); } service Service {} service Method {}',
  };

  for (const options of [{}, { servicesOnly: true }, { messages: "protobuf-es" }, { messages: "protobufjs" }] as const) {
    it(`keeps its name beside what it imports, with ${JSON.stringify(options)}`, () => {
      const code = generateTexts(texts, options)["servicesOnly" in options || "messages" in options ? "b_service_ttrpc.ts" : "b_ttrpc.ts"] ?? "";
      const exported = [...code.matchAll(/^export const (\S+):/gm)].map(([, name]) => name);
      assert.deepEqual(exported, ["Echo", "Service", "Method"]);
    });
  }
});

describe("public imports", () => {
  const texts = {
    "v1.proto": 'syntax = "proto3"; package v1; message Foo {} enum Kind { ZERO = 0; } message Both {} service Echo {} message Only1 {}',
    "v2.proto": 'syntax = "proto3"; package v2; message Foo {} enum Kind { ZERO = 0; } message Both {} service Echo {} message Only2 {}',
    "again.proto": 'syntax = "proto3"; package again; import public "v1.proto";',
    "ignored.proto": 'syntax = "proto3"; package ignored; message I {}',
    "all.proto": `syntax = "proto3"; package all; import public "v1.proto"; import public "v2.proto"; import public "again.proto";
      import public "ignored.proto"; import public "missing.proto"; message Both { v1.Foo one = 1; v2.Foo two = 2; }`,
    "user.proto": 'syntax = "proto3"; import "all.proto"; message User { v1.Foo one = 1; v2.Foo two = 2; all.Both both = 3; v2.Kind kind = 4; }',
  };
  const written = write("names-public", { includePaths: [folderWith(texts)], files: ["user.proto"], ignoreImports: ["ignored.proto"] }, { json: true });
  const content = written.outputs.find(({ name }) => name === "all_ttrpc.ts")?.content ?? "";

  it("pass on what is there; of a name that two have, the first", () => {
    assert.deepEqual(content.match(/^export .* from .*$/gm), [
      'export { Foo, type FooInit, Kind, Kind$json, Echo } from "./v1_ttrpc.js";',
      'export * from "./v1_ttrpc.js";',
      'export * from "./v2_ttrpc.js";',
      'export * from "./again_ttrpc.js";',
    ]);
  });

  it("compile", () => compile(written));
});
