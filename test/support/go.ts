// Real Go peers as child processes: built on first use, required in CI.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ROOT } from "./root.js";

const SOURCE = join(ROOT, "test/peers/go");
const BIN = join(ROOT, "build/peers/go");

let ready: boolean | undefined;

/** Why Go peers are skipped, or false. In CI a missing Go is a failure. */
export function skipGo(): string | false {
  if (spawnSync("go", ["version"]).status === 0) return false;
  if (process.env["CI"] === "true") throw new Error("Go is not installed, and CI needs it: the Go peers are part of the suite");
  return "Go is not installed: the tests against Go's ttrpc are left out";
}

/**
 * Path of a program of test/peers/go/cmd, built if need be. `go build` knows itself what is up to date. `TTRPC_GO_PEERS` names a
 * folder where they are built already.
 */
export function goProgram(name: "server" | "client" | "raw" | "bench" | "codec" | "probe" | "faulty"): string {
  const built = process.env["TTRPC_GO_PEERS"];
  if (built !== undefined) return join(built, name);
  if (ready !== true) {
    buildGo(SOURCE, BIN);
    ready = true;
  }
  return join(BIN, name);
}

/** Builds all programs of a Go module into a folder. */
export function buildGo(source: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync("go", ["build", "-o", folder + "/", "./cmd/..."], {
    cwd: source,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CGO_ENABLED: "0" },
  });
}

export interface GoServer {
  readonly address: string;
  readonly process: ChildProcessWithoutNullStreams;
  /** Ends it and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts Go's server and waits until it listens. */
export async function startGoServer(address: string, ...flags: string[]): Promise<GoServer> {
  const child = spawn(goProgram("server"), ["-address", address, ...flags]);
  // Else a program that cannot be started would never be heard of.
  await once(child, "spawn");
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await firstLine(child, () => log);
  const { address: bound } = JSON.parse(line) as { address: string };
  return {
    address: bound,
    process: child,
    async stop(signal) {
      if (signal === undefined) child.stdin.end();
      else child.kill(signal);
      await exited;
    },
  };
}

async function firstLine(child: ChildProcessWithoutNullStreams, log: () => string): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`the Go peer ended before it was ready: ${log()}`);
}

/** What Go's client reports of one case. */
export interface GoReport {
  readonly case: string;
  readonly ok: boolean;
  readonly error: string;
  readonly code: number;
  readonly text: string;
  readonly [fact: string]: unknown;
}

/** Runs a case of Go's client and returns its reports, one per case. */
export async function runGoClient(address: string, name: string, ...flags: string[]): Promise<GoReport[]> {
  const child = spawn(goProgram("client"), ["-address", address, "-case", name, ...flags]);
  await once(child, "spawn");
  child.stdin.end();
  let out = "";
  let log = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`Go's client could not run "${name}": ${log}`);
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as GoReport);
}
