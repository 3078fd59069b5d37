// `npm start`: the example's server and client on a real unix socket, over the addon and over the fallback, and Go's
// server beside them where Go is installed. `npm start -- --connect ADDRESS` runs the client against another server.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { connect } from "ttrpc";
import { checkCalls, type Figures, measureCalls } from "./calls.js";
import { Progress, printTable } from "./show.js";

const { values } = parseArgs({ options: { connect: { type: "string" }, seconds: { type: "string", default: "0.5" } } });
const measureMs = Number(values.seconds) * 1_000;
const progress = new Progress();
const rows: { name: string; figures: Figures }[] = [];

async function runClient(name: string, address: string, channel: "auto" | "native" | "node"): Promise<void> {
  const client = await connect(address, { channel, connectTimeoutMs: 5_000, defaultTimeoutMs: 30_000 });
  try {
    await checkCalls(client, (what) => progress.show(name, what));
    rows.push({ name, figures: await measureCalls(client, measureMs, (what) => progress.show(name, what)) });
  } finally {
    await client.close();
  }
}

/** Starts a server, waits for its first line, runs `use`, and ends the server. */
async function withServer(command: readonly string[], use: () => Promise<void>): Promise<void> {
  const [program = "", ...args] = command;
  const child: ChildProcess = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const ready = new Promise<void>((resolve) => createInterface({ input: child.stdout as NodeJS.ReadableStream }).once("line", () => resolve()));
  const failed = exited.then(() => Promise.reject(new Error(`${program} ended before it was ready`)));
  await Promise.race([ready, failed]);
  failed.catch(() => {});
  try {
    await use();
  } finally {
    child.stdin?.end();
    await exited;
  }
}

/** Folder of the Go peer's programs, or undefined without Go. */
function goPrograms(): string | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return undefined;
  progress.show("Go", "building the Go peer");
  const root = join(import.meta.dirname, "../..");
  const into = join(root, "build/peers/go");
  mkdirSync(into, { recursive: true });
  try {
    execFileSync("go", ["build", "-o", `${into}/`, "./cmd/..."], {
      cwd: join(root, "test/peers/go"),
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, CGO_ENABLED: "0" },
    });
    return into;
  } catch (error) {
    progress.note(`the Go peer cannot be built: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

async function runAll(folder: string): Promise<void> {
  for (const channel of ["native", "node"] as const) {
    const name = channel === "native" ? "addon" : "fallback";
    if (channel === "native" && !(await addonLoads())) continue;
    const address = `unix://${join(folder, `${channel}.sock`)}`;
    await withServer([process.execPath, join(import.meta.dirname, "server.js"), address, channel], () => runClient(name, address, channel));
  }
  const go = goPrograms();
  if (go === undefined) return progress.note("Go is not installed: its peer is left out");
  const address = `unix://${join(folder, "go.sock")}`;
  await withServer([join(go, "server"), "-address", address], async () => {
    await runClient("to Go's server", address, "auto");
    rows.push({ name: "Go to Go", figures: measureGo(join(go, "bench"), address) });
  });
}

/** Go's client against Go's server: what the same work takes there. It has no client stream and no ping-pong to show. */
function measureGo(program: string, address: string): Figures {
  const run = (name: string, inFlight: number): { p50us: number; perSecond: number } => {
    progress.show("Go to Go", `measuring: ${name}, ${inFlight} in flight`);
    const args = [
      "client",
      "-address",
      address,
      "-case",
      name,
      "-inflight",
      String(inFlight),
      "-size",
      "32",
      "-seconds",
      values.seconds,
      "-warmup-ms",
      String(Math.ceil(measureMs / 4)),
    ];
    const lines = execFileSync(program, args).toString().trim().split("\n");
    return JSON.parse(lines.at(-1) ?? "") as { p50us: number; perSecond: number };
  };
  return { unaryMicros: run("unary", 1).p50us, unaryPerSecond: run("unary", 64).perSecond, watchPerSecond: run("serverStream", 1).perSecond };
}

/** Says why not, if not. */
async function addonLoads(): Promise<boolean> {
  try {
    const probe = await connect("unix:///", { channel: "native" });
    await probe.close();
  } catch (error) {
    const { message } = error as Error;
    if (!message.includes("the addon cannot be loaded")) return true;
    progress.note(message);
    return false;
  }
  return true;
}

const folder = mkdtempSync(join(tmpdir(), "ttrpc-example-"));
try {
  if (values.connect === undefined) await runAll(folder);
  else await runClient(values.connect, values.connect, "auto");
  progress.done();
  printTable(rows);
} catch (error) {
  progress.done();
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
