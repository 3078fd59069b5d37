// Child processes of a benchmark: pinned, read line by line, and measured by what the kernel says of them.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** How long a program may take to say something. */
const PATIENCE_MS = 60_000;

export class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #log = "";

  /** `core` pins it. */
  constructor(command: readonly string[], core: string | undefined) {
    const [program = "", ...args] = core === undefined ? command : ["taskset", "-c", core, ...command];
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
    this.#child.on("error", (error) => (this.#log += String(error)));
    this.#child.stdin?.on("error", () => {});
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has said of an error: the line with one, else the first. */
  get #complaint(): string {
    const lines = this.#log.split("\n").filter((line) => line.trim() !== "");
    const line = lines.find((one) => /error/i.test(one)) ?? lines[0];
    return line === undefined ? "" : `: ${line.trim()}`;
  }

  /** The next line, as JSON. */
  async line(): Promise<Readonly<Record<string, unknown>>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing said for ${PATIENCE_MS} ms${this.#complaint}`)), PATIENCE_MS);
    });
    try {
      const result = await Promise.race([this.#lines.next(), late]);
      if (result.done === true) throw new Error(`ended without a result${this.#complaint}`);
      return JSON.parse(result.value) as Readonly<Record<string, unknown>>;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends its standard input and waits for it, for five seconds at most. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(timer);
  }

  /** CPU time of all its threads so far, in milliseconds. */
  cpuMs(): number {
    let nanos = 0;
    for (const task of readdirSync(`/proc/${this.pid}/task`)) {
      try {
        nanos += Number(readFileSync(`/proc/${this.pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
      } catch {
        // The thread has ended meanwhile.
      }
    }
    return nanos / 1e6;
  }

  /** Resident memory of its own, in KiB. */
  residentKib(): number {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, "utf8");
    const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
    return of("Private_Clean") + of("Private_Dirty");
  }
}
