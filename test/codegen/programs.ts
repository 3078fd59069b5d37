// The compiled programs as child processes, and folders of files for them to work in.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../support/root.js";

export const TTRPC: string = join(ROOT, "dist/cli/main.js");
export const PLUGIN: string = join(ROOT, "dist/codegen/plugin.js");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ttrpc ARGS` in `cwd` to its end. */
export function ttrpc(cwd: string, ...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TTRPC, ...args], { cwd, encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } });
  return { code: status, stdout, stderr };
}

/** Runs the plugin with `input` on its stdin. */
export function plugin(input: Uint8Array, ...args: string[]): Omit<Ran, "stdout"> & { readonly stdout: Buffer } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PLUGIN, ...args], { input, maxBuffer: 1 << 28 });
  return { code: status, stdout, stderr: stderr.toString() };
}

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A temporary folder that holds these files, removed when the process ends. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "ttrpc-gen-")));
  folders.push(folder);
  write(folder, files);
  return folder;
}

/** Writes files, given by their paths in `folder`. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** All files below `folder` by their paths in it, sorted; none if it does not exist. */
export function read(folder: string): Record<string, string> {
  let entries: string[];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  } catch {
    return {};
  }
  return Object.fromEntries(entries.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

/** A running program, with what it has written that nobody waited for yet. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<number | null>;
  stderr = "";
  stdout = "";
  #wake: (() => void) | undefined;

  constructor(cwd: string, program: string, ...args: string[]) {
    this.child = spawn(process.execPath, [program, ...args], { cwd });
    for (const stream of ["stdout", "stderr"] as const) {
      this.child[stream].on("data", (chunk: Buffer) => {
        this[stream] += chunk.toString();
        this.#wake?.();
      });
    }
    this.exited = new Promise((resolve) =>
      this.child.once("close", (code) => {
        resolve(code);
        this.#wake?.();
      }),
    );
  }

  /** Waits until `stream` has `pattern`, and forgets it and what was before it. */
  async says(pattern: RegExp, stream: "stdout" | "stderr" = "stderr"): Promise<string> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) {
        this[stream] = this[stream].slice(match.index + match[0].length);
        return match[0];
      }
      if (Date.now() > deadline || this.child.exitCode !== null) throw new Error(`it did not say ${pattern}, but: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1_000).unref();
      });
    }
  }
}
