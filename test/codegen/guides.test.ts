// The guides to JSON, reflection and well-known types are right: their programs compile and run.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ROOT } from "../support/root.js";
import { folderWith, ttrpc } from "./programs.js";

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
  },
});

/** What the programs print: the figures in their comments. */
const printed: Readonly<Record<string, RegExp>> = {
  "json.md": /"pid": "7",\n[^]* 7n\n[^]*'@type': 'type.googleapis.com\/google.protobuf.Duration',\s+value: '5s'/,
  "reflection.md": /^hello\nagain\nagain\n5n \{ text: 'b' \}\n$/,
  "well-known-types.md":
    /1795446245678 1795446245678000000n .*Z\n1500 -1000000000n\n5n\ngoogle.protobuf.Duration .*\n.*\ngoPackage,deprecated\n\[ 'go_package' \]\nid\n3\n$/,
};

for (const [name, expected] of Object.entries(printed)) {
  describe(`docs/${name}`, () => {
    const text = readFileSync(join(ROOT, "docs", name), "utf8");
    const files = [...text.matchAll(/^```proto (\S+)\n([^]*?)^```$/gm)].map(([, file = "", body = ""]): [string, string] => [file, body]);
    const programs = [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, body = ""], i): [string, string] => [`program${i}.ts`, body]);

    it(`${programs.length} programs compile and run`, () => {
      assert(programs.length >= 2);
      const folder = folderWith({ "package.json": '{ "type": "module" }', "tsconfig.json": TSCONFIG, ...Object.fromEntries([...files, ...programs]) });
      mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
      symlinkSync(ROOT, join(folder, "node_modules/ttrpc"));
      symlinkSync(join(ROOT, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
      for (const [file] of files) assert.deepEqual(ttrpc(folder, "gen", "--json", "--quiet", file), { code: 0, stdout: "", stderr: "" });
      const tsc = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc")], { cwd: folder, encoding: "utf8" });
      assert.equal(tsc.stdout, "");
      const output = programs.map(([file]) => {
        const { stdout, stderr } = spawnSync(process.execPath, [file.replace(/ts$/, "js")], { cwd: folder, encoding: "utf8", timeout: 20_000 });
        assert.equal(stderr, "");
        return stdout;
      });
      assert.match(output.join(""), expected);
    });
  });
}
