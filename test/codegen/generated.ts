// Generates TypeScript from .proto files, compiles it as a strict stranger would, and loads it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { readProtos } from "#lib/codegen/from-files.js";
import { generate, type GeneratedFile } from "#lib/codegen/generate.js";
import type { Message, ProtoFile } from "#lib/codegen/ir.js";
import { defaultOptions, type GenerateOptions } from "#lib/codegen/options.js";
import type { GeneratedMessage } from "#lib/runtime.js";
import { ROOT } from "../support/root.js";

export interface Sources {
  readonly includePaths: readonly string[];
  /** As an import would name them. */
  readonly files: readonly string[];
  readonly ignoreImports?: readonly string[];
}

export const PROTOS: string = join(ROOT, "test/codegen/protos");

/** Sources and what tsc makes of them. Beside both, `ttrpc` is found as an installed package. */
const SOURCE = join(ROOT, "build/codegen/source");
const COMPILED = join(ROOT, "build/codegen/compiled");

/** Files of test/codegen/protos. */
export function ownProtos(...files: string[]): Sources {
  return { includePaths: [PROTOS], files };
}

/** What users may have on. */
const STRICT = {
  target: "es2022",
  module: "nodenext",
  strict: true,
  isolatedDeclarations: true,
  declaration: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  skipLibCheck: false,
  types: ["node"],
};

/** A generated message type whose own types are not known here. */
export type AnyGenerated = GeneratedMessage<object, object>;

/** TypeScript that was written, not yet compiled. */
export interface Written {
  /** All files that were read, imports included. */
  readonly protos: readonly ProtoFile[];
  /** Those that something was generated for. */
  readonly wanted: ReadonlySet<string>;
  readonly outputs: readonly GeneratedFile[];
  readonly warnings: readonly string[];
  /** Where the outputs were written. */
  readonly folder: string;
  /** Where tsc puts what it makes of them. */
  readonly compiled: string;
  readonly readMs: number;
  readonly generateMs: number;
}

/** Reads, generates and writes into a folder called `name`, which must differ between test files. */
export function write(name: string, sources: Sources, options: Partial<GenerateOptions> = {}): Written {
  const begin = performance.now();
  const warnings: string[] = [];
  const { includePaths, ignoreImports = [] } = sources;
  const { files, wanted, imported } = readProtos(sources.files, { includePaths, ignoreImports, onWarning: (text) => warnings.push(text) });
  const all = new Set([...wanted, ...imported]);
  const read = performance.now();
  const outputs = generate(files, all, { ...defaultOptions, ignoreImports, ...options });
  const generated = performance.now();

  const folder = join(SOURCE, name);
  const compiled = join(COMPILED, name);
  for (const stale of [folder, compiled]) rmSync(stale, { recursive: true, force: true });
  for (const { name: file, content } of outputs) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return { protos: files, wanted: all, outputs, warnings, folder, compiled, readMs: read - begin, generateMs: generated - read };
}

function asPackage(folder: string): void {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const link = join(folder, "node_modules/ttrpc");
  if (!existsSync(link)) symlinkSync(ROOT, link);
}

/** Compiles everything that was written, in one run of tsc. Throws with what tsc says. */
export function compile(...written: readonly Written[]): void {
  asPackage(SOURCE);
  asPackage(COMPILED);
  const config = join(SOURCE, `tsconfig-${process.pid}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...STRICT, rootDir: SOURCE, outDir: COMPILED }, include: written.map(({ folder }) => folder) }));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", config], { cwd: ROOT, encoding: "utf8" });
  rmSync(config);
  if (status === 0) return;
  const lines = `${stdout}${stderr}`.split("\n");
  throw new Error(`generated code does not compile:\n${lines.slice(0, 40).join("\n")}${lines.length > 40 ? `\n... ${lines.length - 40} lines more` : ""}`);
}

export interface Generated extends Written {
  /** Message types by full name. */
  readonly types: ReadonlyMap<string, AnyGenerated>;
  /** Message types that something was generated for, nested ones included, as the intermediate form has them. */
  readonly messages: readonly Message[];
  /** Everything that a compiled module exports; `path` is of the .proto. */
  module(path: string): Readonly<Record<string, unknown>>;
  type(typeName: string): AnyGenerated;
}

function isMessageType(value: unknown): value is AnyGenerated {
  return typeof value === "object" && value !== null && "typeName" in value && "decode" in value;
}

function withNested(messages: readonly Message[]): Message[] {
  return messages.flatMap((message) => [message, ...withNested(message.messages)]);
}

/** Loads what was compiled. */
export async function load(written: Written): Promise<Generated> {
  const modules = new Map<string, Readonly<Record<string, unknown>>>();
  const types = new Map<string, AnyGenerated>();
  for (const path of written.wanted) {
    const compiled = join(written.compiled, path.replace(/\.proto$/, "_ttrpc.js"));
    // A file that has nothing but options or extensions gives no module.
    if (!existsSync(compiled)) continue;
    const module = (await import(pathToFileURL(compiled).href)) as Readonly<Record<string, unknown>>;
    modules.set(path, module);
    for (const value of Object.values(module)) if (isMessageType(value)) types.set(value.typeName, value);
  }
  const messages = written.protos.filter(({ path }) => written.wanted.has(path)).flatMap((file) => withNested(file.messages));
  return {
    ...written,
    types,
    messages,
    module(path) {
      const module = modules.get(path);
      if (module === undefined) throw new Error(`nothing was generated for ${path}`);
      return module;
    },
    type(typeName) {
      const type = types.get(typeName);
      if (type === undefined) throw new Error(`${typeName} was not generated`);
      return type;
    },
  };
}

/** Reads, generates, compiles and loads. */
export async function generated(name: string, sources: Sources, options: Partial<GenerateOptions> = {}): Promise<Generated> {
  const written = write(name, sources, options);
  compile(written);
  return load(written);
}
