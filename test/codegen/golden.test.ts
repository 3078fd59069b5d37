// Generated code as it is, byte for byte, for files that hold one of everything: a change of the output shows in the diff.
// The golden files are compiled with the tests, and so under their strict flags. `npm run gen` writes them anew.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readProtos } from "#lib/codegen/from-files.js";
import { isWellKnown } from "#lib/codegen/emit/modules.js";
import { generate } from "#lib/codegen/generate.js";
import { wellKnownOptions } from "#lib/codegen/options.js";
import { ROOT } from "../support/root.js";

describe("generated files in git", () => {
  it("are what ttrpc.config.json asks for", () => {
    execFileSync(process.execPath, [join(ROOT, "dist/bundle/cli/main.js"), "gen", "--check"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  });

  it("well-known types are up to date (npm run gen)", () => {
    const include = join(ROOT, "proto");
    const files = readdirSync(join(include, "google"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".proto"));
    const { files: protos, wanted } = readProtos(
      files.map((name) => join(include, "google", name)),
      { includePaths: [include] },
    );
    const generated = generate(protos, wanted, wellKnownOptions);
    assert.equal(generated.length, 15);
    for (const path of wanted) assert.ok(isWellKnown(path), `lib/codegen/emit/modules.ts does not have ${path}`);
    for (const { name, content } of generated) assert.equal(readFileSync(join(ROOT, "lib/wkt", name), "utf8"), content, name);
  });

  for (const file of readdirSync(join(ROOT, "test/codegen/golden"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("_ttrpc.ts"))) {
    it(`${file} has no any, enum or namespace`, () => {
      const code = readFileSync(join(ROOT, "test/codegen/golden", file), "utf8").replaceAll(/\/\*[^]*?\*\/|\/\/.*|"[^"\n]*"/g, "");
      assert.doesNotMatch(code, /\bany\b(?!\?)|\benum\b|\bnamespace\b/);
    });
  }
});
