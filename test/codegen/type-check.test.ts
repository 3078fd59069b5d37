// What a large service costs the compiler, counted, not timed: instantiations of types, of which a program that only
// connects has few.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { readProtos } from "#lib/codegen/from-files.js";
import { generate } from "#lib/codegen/generate.js";
import { defaultOptions } from "#lib/codegen/options.js";
import { ROOT } from "../support/root.js";

const METHODS = 200;
const MESSAGES = 50;
/** Measured: 5,815, in 0.04 to 0.1 s of checking. */
const MOST_INSTANTIATIONS = 10_000;

const USE = `
import { connect, Server } from "ttrpc";
import { Big } from "./big_ttrpc.js";
const client = await connect("/nowhere.sock");
export const labels: { [key: string]: string } = (await client.service(Big).method0({ a: "x" })).c;
new Server().service(Big, { method0: ({ a }) => ({ a }), async *method3(requests) { for await (const { b } of requests) yield { b }; } });
`;

function bigProto(): string {
  const messages = Array.from({ length: MESSAGES }, (_, i) => `message M${i} { string a = 1; int64 b = 2; map<string, string> c = 3; repeated M${i} d = 4; }`);
  const methods = Array.from({ length: METHODS }, (_, i) => {
    const [input, output] = [i & 1, i & 2].map((streams) => (streams === 0 ? "" : "stream "));
    return `  rpc Method${i}(${input}M${i % MESSAGES}) returns (${output}M${(i + 1) % MESSAGES});`;
  });
  return `syntax = "proto3";\npackage big;\n${messages.join("\n")}\nservice Big {\n${methods.join("\n")}\n}\n`;
}

it(`a service of ${METHODS} methods is cheap to check`, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ttrpc-check-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "big.proto"), bigProto());
  const { files, wanted } = readProtos([join(folder, "big.proto")], { includePaths: [folder] });
  for (const { name, content } of generate(files, wanted, defaultOptions)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, "use.ts"), USE);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/ttrpc"));
  for (const name of ["@types", "undici-types"]) symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  const compilerOptions = { target: "es2022", module: "nodenext", strict: true, noEmit: true, skipLibCheck: true, types: ["node"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder, "--extendedDiagnostics"], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
  const instantiations = Number(/Instantiations:\s+(\d+)/.exec(stdout)?.[1]);
  t.diagnostic(`${instantiations} instantiations, checked in ${/Check time:\s+(\S+)/.exec(stdout)?.[1]}`);
  assert.ok(instantiations < MOST_INSTANTIATIONS, `${instantiations} instantiations`);
});
