// Boots the guest, on an emulated processor, and hears what it reports: lines of JSON on its serial port.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guestImage } from "./image.js";
import { kernel, qemu } from "./packages.js";
import { IN_GUEST, type Report, REPORT_MARK } from "./report.js";

/** Only to give up: it takes 15 seconds. */
const GIVE_UP_MS = 240_000;
const MACHINE = [
  "-accel",
  "tcg",
  "-cpu",
  "max",
  "-m",
  "1024",
  "-smp",
  "2",
  "-no-reboot",
  "-nic",
  "none",
  "-display",
  "none",
  "-monitor",
  "none",
  "-serial",
  "stdio",
];

/** What a run of the guest has said: each check by name, and everything it printed. */
export interface GuestRun {
  readonly reports: ReadonlyMap<string, Report>;
  readonly log: string;
}

export async function runGuest(): Promise<GuestRun> {
  const folder = mkdtempSync(join(tmpdir(), "ttrpc-guest-"));
  try {
    const { command, args, env } = qemu();
    const system = kernel();
    const boot = ["-kernel", system.image, "-initrd", guestImage(folder, system), "-append", `console=ttyS0 quiet panic=-1 ${IN_GUEST}`];
    const log = await output(command, [...args, ...MACHINE, ...boot], env);
    const reports = log
      .split("\n")
      .filter((line) => line.startsWith(REPORT_MARK))
      .map((line) => JSON.parse(line.slice(REPORT_MARK.length)) as Report);
    return { log, reports: new Map(reports.map((report) => [report.check, report])) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function output(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const machine = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    const timer = setTimeout(() => machine.kill("SIGKILL"), GIVE_UP_MS);
    machine.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
    machine.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    machine.once("error", reject);
    machine.once("close", () => {
      clearTimeout(timer);
      resolve(log.replaceAll("\r", ""));
    });
  });
}
