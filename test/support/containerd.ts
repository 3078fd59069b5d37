// containerd's own streaming code as a peer: its content store, transfer and streaming services as a server, and its proxies of
// them as a client. The Go programs of test/peers/containerd, built on first use, required in CI.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePath } from "./channels.js";
import { ROOT } from "./root.js";

const SOURCE = join(ROOT, "test/peers/containerd");
const BIN = join(ROOT, "build/peers/containerd");

/** Why these peers are skipped, or false. In CI a missing Go is a failure. */
export function skipContainerd(): string | false {
  // In the module's folder Go also says whether it is new enough for it, or may fetch one that is.
  const { status, error, stderr } = spawnSync("go", ["version"], { cwd: SOURCE, encoding: "utf8" });
  if (status === 0) return false;
  const reason = error === undefined ? stderr.trim() : "Go is not installed";
  if (process.env["CI"] === "true") throw new Error(`${reason}, and CI needs it: containerd's own code is part of the suite`);
  return `${reason}: the tests against containerd's own code are left out`;
}

const ready = new Set<string>();

/** Path of a program, built if need be. `go build` knows itself what is up to date. */
function program(name: "server" | "client" | "suite"): string {
  const path = join(BIN, name);
  if (!ready.has(name)) {
    mkdirSync(BIN, { recursive: true });
    const build = name === "suite" ? ["test", "-c", "-o", path, "./suite"] : ["build", "-o", path, `./cmd/${name}`];
    execFileSync("go", build, { cwd: SOURCE, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, CGO_ENABLED: "0" } });
    ready.add(name);
  }
  return path;
}

export interface ContainerdServer extends AsyncDisposable {
  readonly address: string;
  /** The content store's folder: committed blobs are in blobs/sha256. */
  readonly root: string;
}

/** Starts containerd's services on a socket and an empty store of their own. */
export async function startContainerdServer(): Promise<ContainerdServer> {
  const root = mkdtempSync(join(tmpdir(), "ttrpc-content-"));
  const child = spawn(program("server"), ["-address", `unix://${freePath()}`, "-root", root]);
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await once(child, "spawn");
  const { address } = JSON.parse(await firstLine(child, () => log)) as { address: string };
  return {
    address,
    root,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcessWithoutNullStreams, log: () => string): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`containerd's server ended before it was ready: ${log()}`);
}

/** Runs a program to its end; stdout and stderr apart. */
async function run(path: string, args: readonly string[]): Promise<{ status: number | null; out: string; log: string }> {
  const child = spawn(path, args);
  // Rejects if it cannot be started.
  await once(child, "spawn");
  child.stdin.end();
  let out = "";
  let log = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, out, log };
}

export type ContainerdCase = "blob" | "ingest" | "transfer";

/** What containerd's client says of one case, beside facts of the case's own. */
export interface ContainerdReport {
  readonly ok: boolean;
  readonly error: string;
  readonly digest: string;
  readonly [fact: string]: unknown;
}

/** Runs a case of containerd's client with a blob of `bytes`. */
export async function runContainerdClient(address: string, name: ContainerdCase, bytes: number): Promise<ContainerdReport> {
  const { status, out, log } = await run(program("client"), ["-address", address, "-case", name, "-size", String(bytes)]);
  if (status !== 0) throw new Error(`containerd's client could not run "${name}": ${log}`);
  return JSON.parse(out) as ContainerdReport;
}

/** The tests of containerd's suite for content stores. */
export const contentSuite = [
  "Writer",
  "UpdateStatus",
  "CommitExists",
  "Resume",
  "ResumeTruncate",
  "ResumeDiscard",
  "ResumeCopy",
  "ResumeCopySeeker",
  "ResumeCopyReaderAt",
  "SmallBlob",
  "Labels",
  "CommitErrorState",
] as const;

/** Runs one test of the suite, in a process of its own; `output` is all it said. */
export async function runContentSuite(address: string, name: (typeof contentSuite)[number]): Promise<{ passed: boolean; output: string }> {
  const { status, out, log } = await run(program("suite"), ["-address", address, "-test.v", "-test.run", `^TestContent$/^${name}$`]);
  const output = out + log;
  const verdict = new RegExp(`^ +--- (PASS|FAIL): TestContent/${name} `, "m").exec(output)?.[1];
  if (verdict === undefined) throw new Error(`containerd's suite did not run "${name}" (status ${status}): ${output}`);
  return { passed: verdict === "PASS" && status === 0, output };
}
