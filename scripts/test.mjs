// Runs the compiled tests with Node's own runner. Arguments choose files by a part of their path; `--node=VERSION` runs
// them under another Node, taken from the npm registry.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith("-"));
const version = args.find((arg) => arg.startsWith("--node="))?.slice("--node=".length);
const flags = args.filter((arg) => arg.startsWith("-") && !arg.startsWith("--node="));

/** Path of Node `version`, installed into .cache on first use. */
function otherNode(wantedVersion) {
  const folder = join(root, ".cache", `node-${wantedVersion}`);
  const program = join(folder, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (!existsSync(program)) {
    console.log(`installing Node ${wantedVersion} from the npm registry`);
    const { status } = spawnSync(
      "npm",
      ["install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, `node-${process.platform}-${process.arch}@${wantedVersion}`],
      { stdio: "inherit" },
    );
    if (status !== 0) process.exit(1);
  }
  return program;
}

const files = readdirSync(join(root, "dist-test/test"), { recursive: true })
  .filter((name) => name.endsWith(".test.js") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .map((name) => join("dist-test/test", name))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(", ")}`);
  process.exit(1);
}
const node = version === undefined ? process.execPath : otherNode(version);
// A file that hangs fails after ten minutes instead of holding up CI; the longest takes one.
const FILE_TIMEOUT_MS = 600_000;
// One file at a time: the suites talk to real processes, and two cores are soon busy.
const { status } = spawnSync(node, ["--test", "--test-concurrency=1", `--test-timeout=${FILE_TIMEOUT_MS}`, ...flags, ...files], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
