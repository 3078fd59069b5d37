// Prints the matrix of implementations and what is known of them; `--write` keeps it as docs/interop.md. Fails if a cell is not as
// it should be.
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { skipGo } from "../support/go.js";
import { ROOT } from "../support/root.js";
import { skipRust } from "../support/rust.js";
import type { Measured } from "./measure.js";

const skip = skipGo() || skipRust();
if (skip !== false) throw new Error(`the matrix needs all peers: ${skip}`);

// A process of its own: the tests' helpers are made for Node's test runner, and print its report.
const child = fork(fileURLToPath(new URL("measure.js", import.meta.url)), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
const { document, surprises } = await new Promise<Measured>((resolve, reject) => {
  child.once("message", (message) => resolve(message as Measured));
  child.once("exit", (code) => reject(new Error(`the run ended with ${code} before it was done`)));
});
process.stdout.write(document);
for (const line of surprises) process.stderr.write(`not as it should be: ${line}\n`);
if (surprises.length > 0) process.exitCode = 1;
else if (process.argv.includes("--write")) writeFileSync(join(ROOT, "docs/interop.md"), document);
