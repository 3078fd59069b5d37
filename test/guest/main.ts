// Runs inside of the guest: each check in turn, one report each.
import { readFileSync } from "node:fs";
import { checks } from "./checks.js";
import { IN_GUEST, type Report, REPORT_MARK } from "./report.js";

const GIVE_UP_MS = 120_000;

if (!readFileSync("/proc/cmdline", "utf8").includes(IN_GUEST))
  throw new Error("this runs in a virtual machine only: elsewhere its vsock sockets would reach a real host");

const report = (what: Report): void => void process.stdout.write(`${REPORT_MARK}${JSON.stringify(what)}\n`);

// A check that hangs must not take the reports of those before it.
setTimeout(() => process.exit(1), GIVE_UP_MS).unref();
for (const [check, run] of checks) {
  try {
    await run();
    report({ check });
  } catch (error) {
    report({ check, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
process.exit(0);
