// `ttrpc gen`: .proto files in, TypeScript out, without protoc.
import { optionRows } from "../codegen/parameters.js";
import { isSystemError, ProtoError } from "../codegen/proto/diagnostics.js";
import { type Command, FailureError, UsageError } from "./command.js";
import { DEFAULT_OUT, type GenRequest, parseGenRequest, type Target } from "./gen-request.js";
import type { Generation, GenerationEvents } from "./generation.js";
import { compareOutput, type OutputFile, outputPath, writeOutput } from "./output.js";
import { shown } from "./paths.js";
import type { Terminal } from "./terminal.js";

/** With more files than these the live line shows how far it is. */
const MANY_FILES = 10;

export const gen: Command = { help: helpText(), run };

function helpText(): string {
  const rows = optionRows.map(({ flag, placeholder, effect }): [string, string] => [`--${flag} ${placeholder}`.trimEnd(), effect]);
  const table = (lines: readonly (readonly [string, string])[]): string =>
    lines.map(([flag, effect]) => (flag.length > 24 ? `  ${flag}\n${" ".repeat(28)}${effect}` : `  ${flag.padEnd(26)}${effect}`)).join("\n");
  return `usage: ttrpc gen [FLAGS] [FILE|FOLDER|GLOB]...

Generates a *_ttrpc.ts for each .proto named and for those they import, without protoc. With no file named, what
ttrpc.config.json in the working folder says is done.

${table([
  ["-I, --include DIR", "look imports up here; again for more (default: the working folder)"],
  ["-o, --out DIR", `write below this folder (default: ${DEFAULT_OUT})`],
  ["--no-imports", "only the files named, not those they import"],
  ["--config FILE", "read this configuration; flags go before what it says"],
  ["--check", "write nothing; list what is missing or differs, and exit with 1 if anything does"],
  ["--watch", "generate again whenever an input changes, until Ctrl-C"],
  ["-q, --quiet", "print only warnings and errors"],
])}

What is generated; the first of several choices is the default:
${table(rows)}`;
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const request = parseGenRequest(args);
  // Before the parser of .proto files is loaded, which takes a while: a wrong call is told at once.
  const first = request.watch ? undefined : request.targets();
  const { generateTargets } = await import("./generation.js");
  const warned = new Set<string>();
  const events: GenerationEvents = {
    warning(text) {
      if (!warned.has(text)) terminal.warning(text);
      warned.add(text);
    },
    reading(count) {
      if (count > MANY_FILES) terminal.progress(`reading ${count} files`);
    },
  };
  const round = (targets: readonly Target[]): { readonly inputs: readonly string[]; readonly code: number } => {
    const started = performance.now();
    const generation = generateTargets(targets, events);
    return { inputs: generation.inputs, code: request.check ? check(generation, request, terminal) : write(generation, request, terminal, started) };
  };
  if (first === undefined) {
    const { watchTargets } = await import("./watch.js");
    const onError = (error: unknown): void => report(error, terminal);
    await watchTargets(request, (targets) => round(targets).inputs, onError, terminal);
    return 0;
  }
  try {
    return round(first).code;
  } catch (error) {
    throw asFailure(error);
  }
}

function write({ outputs }: Generation, request: GenRequest, terminal: Terminal, started: number): number {
  let changed = 0;
  let bytes = 0;
  for (const [done, file] of outputs.entries()) {
    if (outputs.length > MANY_FILES) terminal.progress(`${done} of ${outputs.length} files: ${file.name}`);
    bytes += Buffer.byteLength(file.content);
    if (compareOutput(file) === "same") continue;
    writeOutput(file);
    changed++;
  }
  if (!request.quiet) {
    terminal.message(`generated ${files(outputs)} (${size(bytes)}) in ${Math.round(performance.now() - started)} ms, ${changed} changed`);
  }
  return 0;
}

function check({ outputs }: Generation, request: GenRequest, terminal: Terminal): number {
  let different = 0;
  for (const file of outputs) {
    const difference = compareOutput(file);
    if (difference === "same") continue;
    terminal.list(`${shown(outputPath(file))}: ${difference}`);
    different++;
  }
  if (!request.quiet) {
    terminal.message(different === 0 ? `checked ${files(outputs)}, all up to date` : `checked ${files(outputs)}, ${different} not up to date`);
  }
  return different === 0 ? 0 : 1;
}

function files(outputs: readonly OutputFile[]): string {
  return outputs.length === 1 ? "1 file" : `${outputs.length} files`;
}

function size(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1_000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(2)} MB`;
}

/** A mistake in a round of --watch: told, and waited for its repair. */
function report(thrown: unknown, terminal: Terminal): void {
  const error = asFailure(thrown);
  if (error instanceof FailureError || error instanceof UsageError) terminal.error(error.message);
  else terminal.message(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** What is wrong in .proto files is for the user, a line per place, and so is what is wrong with files and folders; other errors are mistakes of ours. */
function asFailure(error: unknown): unknown {
  return error instanceof ProtoError || isSystemError(error) ? new FailureError(error.message, { cause: error }) : error;
}
