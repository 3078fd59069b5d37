// Prints the table of all cases, run against Go and against ours; `--write` keeps it as docs/conformance.md. Fails if a case went
// otherwise than it should.
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../support/root.js";
import type { Measured } from "./measure.js";

// A process of its own: the tests' helpers are made for Node's test runner, and print its report.
const child = fork(fileURLToPath(new URL("measure.js", import.meta.url)), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
const { document, surprises } = await new Promise<Measured>((resolve, reject) => {
  child.once("message", (message) => resolve(message as Measured));
  child.once("exit", (code) => reject(new Error(`the run ended with ${code} before it was done`)));
});
process.stdout.write(document);
for (const line of surprises) process.stderr.write(`not as it should be: ${line}\n`);
if (surprises.length > 0) process.exitCode = 1;
else if (process.argv.includes("--write")) writeFileSync(join(ROOT, "docs/conformance.md"), document);
