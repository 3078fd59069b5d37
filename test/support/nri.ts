// NRI's own Go code as a peer: its multiplexer with Go's ttrpc on it, and its half of a runtime. Built on first use, required in CI.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { buildGo } from "./go.js";
import { ROOT } from "./root.js";

const SOURCE = join(ROOT, "test/peers/nri");
const BIN = join(ROOT, "build/peers/nri");

/** Why these peers are skipped, or false. In CI a missing Go is a failure. */
export function skipNri(): string | false {
  if (spawnSync("go", ["version"], { cwd: SOURCE }).status === 0) return false;
  if (process.env["CI"] === "true") throw new Error("Go is not installed, and CI needs it: NRI's own code is part of the suite");
  return "Go is not installed: the tests against NRI's own code are left out";
}

let ready = false;

function program(name: "mux" | "host"): string {
  if (!ready) {
    buildGo(SOURCE, BIN);
    ready = true;
  }
  return join(BIN, name);
}

/** A program of test/peers/nri/cmd that answers lines with lines of JSON. */
export class NriPeer implements AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams;
  /** What it said on stderr. */
  log = "";
  readonly #lines: string[] = [];
  #rest = "";
  #wake: () => void = () => {};

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.process = child;
    child.stderr.on("data", (chunk: Buffer) => (this.log += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString()).split("\n");
      this.#rest = lines.pop() ?? "";
      this.#lines.push(...lines.filter((line) => line.startsWith("{")));
      this.#wake();
    });
    child.once("close", () => this.#wake());
  }

  /** Starts it and waits until it is ready; what it says before is how it comes to be. */
  static async start(name: "mux" | "host", ...flags: string[]): Promise<NriPeer> {
    const child = spawn(program(name), flags);
    await once(child, "spawn");
    const peer = new NriPeer(child);
    while (!("ready" in (await peer.line<object>())));
    return peer;
  }

  /** The next thing that it says. */
  async line<T>(): Promise<T> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return JSON.parse(line) as T;
      if (this.process.exitCode !== null || this.process.signalCode !== null) throw new Error(`the peer ended: ${this.log}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  ask<T>(command: unknown): Promise<T> {
    this.process.stdin.write(`${JSON.stringify(command)}\n`);
    return this.line();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, "exit");
    this.process.stdin.end();
    const timer = setTimeout(() => this.process.kill("SIGKILL"), 5_000);
    await exit;
    clearTimeout(timer);
  }
}
