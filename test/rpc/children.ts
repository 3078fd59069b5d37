// Small programs in processes of their own: for what a process as a whole does.
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { ROOT } from "../support/root.js";

/** Only to give up. */
const GIVE_UP_MS = 20_000;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly errors: string;
}

export interface Child {
  readonly process: ChildProcess;
  /** What it has printed until a line that is `text`. */
  line(text: string): Promise<void>;
  /** How it ended. */
  readonly outcome: Promise<Outcome>;
}

/** Runs an ES module; `ttrpc` is this package in it, and process.argv[1] is the first of `args`. */
export function startProgram(source: string, args: readonly string[] = [], options: SpawnOptions = {}): Child {
  const child = spawn(process.execPath, ["--input-type=module", "-e", source, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], ...options });
  let out = "";
  let errors = "";
  const waiting: { readonly text: string; readonly resolve: () => void }[] = [];
  child.stdout?.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    for (const { text, resolve } of waiting) if (out.split("\n").includes(text)) resolve();
  });
  child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const timer = setTimeout(() => child.kill("SIGKILL"), GIVE_UP_MS);
  const outcome = new Promise<Outcome>((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, out: out.trim(), errors: errors.trim() });
    });
  });
  return {
    process: child,
    outcome,
    line(text) {
      const printed = new Promise<void>((resolve) => {
        waiting.push({ text, resolve });
        if (out.split("\n").includes(text)) resolve();
      });
      const gone = outcome.then(({ code, errors }) => {
        if (!out.split("\n").includes(text)) throw new Error(`the program ended with ${code} before it printed "${text}": ${errors}`);
      });
      return Promise.race([printed, gone]);
    },
  };
}

export function runProgram(source: string, args: readonly string[] = [], options: SpawnOptions = {}): Promise<Outcome> {
  return startProgram(source, args, options).outcome;
}
