// Runs the compiled tests with Node's own runner. Arguments choose files by a part of their path.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));
const flags = process.argv.slice(2).filter((arg) => arg.startsWith("-"));
const files = readdirSync(join(root, "dist-test/test"), { recursive: true })
  .filter((name) => name.endsWith(".test.js") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .map((name) => join("dist-test/test", name))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(", ")}`);
  process.exit(1);
}
// One file at a time: the suites talk to real processes, and two cores are soon busy.
const { status } = spawnSync(process.execPath, ["--test", "--test-concurrency=1", ...flags, ...files], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
