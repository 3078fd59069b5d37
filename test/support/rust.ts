// Peers on ttrpc-rust as child processes: built on first use, kept until their sources change, required in CI.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./root.js";

const SOURCE = join(ROOT, "test/peers/rust");
/** Not in build/, which node-gyp empties: a cold build takes two minutes. */
const TARGET = join(ROOT, ".cache/peers/rust");

export type RustProgram = "server" | "client" | "sync-server" | "sync-client";

/** Why Rust peers are skipped, or false. In CI a missing cargo is a failure. */
export function skipRust(): string | false {
  // Rust links with the C compiler.
  const missing = ["cargo", "cc"].find((program) => spawnSync(program, ["--version"]).status !== 0);
  if (missing === undefined) return false;
  if (process.env["CI"] === "true") throw new Error(`${missing} is not installed, and CI needs it: the Rust peers are part of the suite`);
  return `${missing} is not installed: the tests against ttrpc-rust are left out`;
}

function filesOf(crate: string): string[] {
  return readdirSync(crate, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(rs|toml|lock)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** cargo would find out by itself, but it takes a while to ask, and may want its index. */
function stamp(crate: string): string {
  const protos = ["proto/streaming.proto", "proto/peer.proto", "interop/matrix.proto"].map((file) => join(ROOT, "test", file));
  const hash = createHash("sha256").update(spawnSync("rustc", ["--version"]).stdout ?? "");
  for (const file of [...new Set([...filesOf(crate), ...filesOf(SOURCE), ...protos])].sort()) {
    hash.update(`${file.slice(ROOT.length)}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Builds a crate, which is test/peers/rust or on top of it, into `target`, unless it is there: two minutes the first time. */
export function buildCrate(crate: string, target: string): void {
  /** What the programs were last built from. */
  const built = join(target, "built-from");
  const wanted = stamp(crate);
  if (existsSync(built) && readFileSync(built, "utf8") === wanted) return;
  mkdirSync(target, { recursive: true });
  const { status, stderr, error } = spawnSync("cargo", ["build", "--release", "--locked", "--quiet"], {
    cwd: crate,
    env: { ...process.env, CARGO_TARGET_DIR: target },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`cargo build of ${crate.slice(ROOT.length + 1)} failed: ${error?.message ?? stderr}`);
  writeFileSync(built, wanted);
}

let ready = false;

/** Path of a program of test/peers/rust, built if need be. */
export function rustProgram(name: RustProgram): string {
  if (!ready) buildCrate(SOURCE, TARGET);
  ready = true;
  return join(TARGET, "release", name);
}

export interface RustServer {
  readonly address: string;
  readonly process: ChildProcessWithoutNullStreams;
  /** What it has said on stderr. */
  log(): string;
  /** Ends it and waits until it is gone; its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a server on ttrpc-rust and waits until it listens. */
export async function startRustServer(name: "server" | "sync-server", address: string): Promise<RustServer> {
  const child = spawn(rustProgram(name), ["-address", address]);
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      address: (JSON.parse(line) as { address: string }).address,
      process: child,
      log: () => log,
      stop() {
        child.stdin.end();
        return exited;
      },
    };
  }
  throw new Error(`the Rust server ended before it was ready: ${log}`);
}

/** What a Rust client reports of one case: the fields of the Go client's reports. */
export interface RustReport {
  readonly case: string;
  readonly ok: boolean;
  readonly error: string;
  readonly code: number;
  readonly text: string;
  readonly [fact: string]: unknown;
}

/** Runs a case of a Rust client and returns the lines it prints. */
export async function runRustClient<T = RustReport>(program: "client" | "sync-client", address: string, name: string, ...flags: string[]): Promise<T[]> {
  const child = spawn(rustProgram(program), ["-address", address, "-case", name, ...flags]);
  child.stdin.end();
  let out = "";
  let log = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`ttrpc-rust's ${program} could not run "${name}": ${log}`);
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}
