#!/usr/bin/env node
// The program `ttrpc`: a table of sub-commands, each loaded only when it is used, so that `ttrpc --version` is quick.
import { didYouMean } from "../codegen/nearest.js";
import { packageVersion } from "../codegen/package.js";
import { type Command, FailureError, UsageError } from "./command.js";
import { Terminal } from "./terminal.js";

interface Entry {
  readonly summary: string;
  load(): Promise<Command>;
}

const commands: ReadonlyMap<string, Entry> = new Map([["gen", { summary: "TypeScript from .proto files", load: async () => (await import("./gen.js")).gen }]]);

function overview(): string {
  const rows = [...commands].map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return `usage: ttrpc COMMAND [ARGUMENTS]

${rows.join("\n")}
  ${"help".padEnd(12)}about ttrpc, or about one command: ttrpc help gen

  --version   prints the version
  --help      prints this

Exit codes: 0 done, 1 failed or found differences, 2 called wrongly.
Messages go to stderr and lists to stdout. NO_COLOR turns colors off.`;
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  switch (first) {
    case undefined:
      terminal.message(overview());
      return 2;
    case "--version":
    case "-v":
      terminal.list(`ttrpc ${packageVersion()}`);
      return 0;
    case "--help":
    case "-h":
    case "help": {
      const topic = first === "help" ? rest[0] : undefined;
      terminal.list(topic === undefined ? overview() : (await find(topic).load()).help);
      return 0;
    }
    default: {
      const entry = find(first);
      const ownArgs = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
      const command = await entry.load();
      if (!ownArgs.includes("--help") && !ownArgs.includes("-h")) return command.run(rest, terminal);
      terminal.list(command.help);
      return 0;
    }
  }
}

function find(name: string): Entry {
  const entry = commands.get(name);
  if (entry !== undefined) return entry;
  const what = name.startsWith("-") ? "flag" : "command";
  const known = what === "flag" ? ["--help", "--version"] : commands.keys();
  throw new UsageError(`unknown ${what} ${JSON.stringify(name)}${didYouMean(name, known)}. "ttrpc --help" lists what there is`);
}

const terminal = new Terminal();
try {
  process.exitCode = await run(process.argv.slice(2), terminal);
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  if (error instanceof UsageError || error instanceof FailureError) terminal.error(error.message);
  else terminal.message(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
