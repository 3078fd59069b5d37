// Applies each of mutations.mjs to a copy of the project, and runs the tests of what peers see over the TypeScript channel:
// one that no test notices is a hole. `npm run mutate -- [PART OF A FILE'S NAME OR OF WHAT IS REPLACED]...`
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mutations } from "./mutations.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const copy = join(root, "build/mutation");
const parts = process.argv.slice(2);
const wanted = mutations.filter(([file, from]) => parts.length === 0 || parts.some((part) => file.includes(part) || from.includes(part)));
/** Quick ones first: most mutations are dead after a few seconds. */
const suites = [
  ["wire/envelope", "wire/frame", "rpc/server-frames", "rpc/client-frames", "rpc/client-requests", "rpc/handlers"],
  ["unit/", ..."cancel deadlines framing half-close handshake interceptors lifetime method-names shutdown stream-ends".split(" ").map((name) => `rpc/${name}`)],
  ["conformance/"],
  ["rpc/", "wire/"],
];
/** A mutation may make a test wait for ever. The limit holds for whole files, too. */
const FLAGS = ["--test-timeout=60000", "--test-force-exit", `--test-reporter=${join(root, "scripts/first-failure.mjs")}`, "--test-reporter-destination=stdout"];

const options = { cwd: copy, env: { ...process.env, TTRPC_NO_NATIVE: "1" } };
const run = (args) => spawnSync(process.execPath, args, { ...options, encoding: "utf8" });

/** The first test of the suite that fails; undefined if none does. */
function failureIn(suite) {
  return new Promise((resolve) => {
    // A group of its own: the test file that was running, and its peers, end with the runner.
    const child = spawn(process.execPath, ["scripts/test.mjs", ...FLAGS, ...suite], { ...options, detached: true, stdio: ["ignore", "pipe", "ignore"] });
    let name = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (name += text));
    child.once("exit", () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // All have ended.
      }
    });
    child.once("close", (status) => resolve(status === 0 ? undefined : name || suite.join(" ")));
  });
}

/** What notices the mutation: the compiler, or the first test that fails. */
async function killerOf() {
  const steps = [["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], ["scripts/bundle.mjs"]];
  if (steps.some((args) => run(args).status !== 0)) return "the compiler";
  for (const suite of suites) {
    const failure = await failureIn(suite);
    if (failure !== undefined) return `"${failure}"`;
  }
  return undefined;
}

rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const name of [
  "lib",
  "docs",
  "test",
  "example",
  "bench",
  "proto",
  "scripts",
  "package.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "tsconfig.test.json",
  "dist",
  "dist-test",
]) {
  cpSync(join(root, name), join(copy, name), { recursive: true });
}
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
mkdirSync(join(copy, "build"), { recursive: true });
symlinkSync(join(root, "build/peers"), join(copy, "build/peers"));

for (const suite of suites) {
  const failure = await failureIn(suite);
  if (failure !== undefined) throw new Error(`"${failure}" fails without a mutation`);
}

const survivors = [];
for (const [file, from, to] of wanted) {
  const path = join(copy, "lib", file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} any more`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  const startMs = performance.now();
  const killer = await killerOf();
  writeFileSync(path, text);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  if (killer === undefined) survivors.push(`${file}: ${from} -> ${to}`);
  console.log(`${killer === undefined ? "SURVIVED" : "killed  "} ${file}: ${from} -> ${to}${killer === undefined ? "" : `   by ${killer}`} (${seconds} s)`);
}
console.log(`\n${wanted.length} mutations, ${survivors.length} survived`);
for (const line of survivors) console.log(`  ${line}`);
process.exitCode = survivors.length === 0 ? 0 : 1;
