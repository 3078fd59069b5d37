// Reads .proto files and all they import, from include paths, into linked descriptors: front end B of the generator.
//
// The parser is our own (proto/parser.ts). protobufjs's drops fields called `__proto__`, loses digits of 64-bit defaults, decodes
// `\u00e9` wrongly, and refuses groups in oneofs and option values with <>; and it knows neither columns nor which comment belongs
// where in protoc's eyes, without which the two front ends could not give the same bytes.
import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import type { FileDescriptorProto } from "./descriptor.js";
import { globMatcher } from "./glob.js";
import { checkFile } from "./proto/checks.js";
import { type Diagnostic, isSystemError, ProtoError, SyntaxProblem } from "./proto/diagnostics.js";
import { packageRoot } from "./package.js";
import type { Option } from "./proto/options.js";
import { Linker } from "./proto/linker.js";
import { type ParsedProto, parseProto, type ProtoImport } from "./proto/parser.js";
import { diagnosticAt, ProtoSource } from "./proto/source.js";

export interface ReadOptions {
  /** Folders that imports are looked for in, in order. Default: the working directory. */
  readonly includePaths?: readonly string[];
  /** Globs over import paths: these are as if they did not exist, without a warning. */
  readonly ignoreImports?: readonly string[];
  /** Called once at most: about imports that were not found and not needed, and options that are not known. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

export interface ReadResult {
  /** Imports before those that import them, each once. */
  readonly files: FileDescriptorProto[];
  /** Paths of the files that were asked for, as imports name them. */
  readonly wanted: Set<string>;
}

/** Our own texts of google/protobuf/*.proto and google/rpc/*.proto, from dist/codegen and dist/bundle alike. */
const bundled = join(packageRoot(), "proto");

/**
 * Reads `files`: paths on disk inside one of the include paths, or paths as imports have them.
 * @throws ProtoError with every mistake found.
 */
export function readDescriptors(files: readonly string[], options: ReadOptions = {}): ReadResult {
  return new Reader(options).read(files);
}

class Reader {
  readonly #includes: readonly string[];
  readonly #ignored: (path: string) => boolean;
  readonly #onWarning: ((text: string) => void) | undefined;
  readonly #diagnostics: Diagnostic[] = [];
  /** By path; undefined: it is there, but its text is wrong. */
  readonly #sources = new Map<string, ProtoSource | undefined>();
  readonly #order: ProtoSource[] = [];
  /** Paths that are being read, for cycles. */
  readonly #open: string[] = [];
  readonly #missing = new Set<string>();
  readonly #unknownOptions: string[] = [];
  /** Whether some text could not be read: then types are not looked up. */
  #broken = false;

  constructor({ includePaths = [], ignoreImports = [], onWarning }: ReadOptions) {
    this.#includes = includePaths.length === 0 ? ["."] : includePaths;
    this.#ignored = globMatcher(ignoreImports);
    this.#onWarning = onWarning;
  }

  read(files: readonly string[]): ReadResult {
    const wanted = new Set<string>();
    for (const file of files) {
      const path = this.#importPath(file);
      if (path === undefined) continue;
      wanted.add(path);
      this.#load(path);
    }
    // What a file lacks that could not be read is no mistake of its own.
    if (this.#broken) throw new ProtoError(this.#diagnostics);
    const linker = new Linker();
    for (const source of this.#order) linker.declare(source);
    for (const source of this.#order) {
      linker.resolve(source);
      checkFile(source);
      this.#noteUnknown(linker.unknownExtensions(source), source.shown);
    }
    if (this.#diagnostics.length > 0) throw new ProtoError(this.#diagnostics);
    this.#warn();
    return { files: this.#order.map(({ descriptor }) => descriptor), wanted };
  }

  /** Once for the whole run, whatever was left out. */
  #warn(): void {
    const parts: string[] = [];
    if (this.#missing.size > 0) parts.push(`imports that were not found, as nothing but options can need them: ${[...this.#missing].join(", ")}`);
    if (this.#unknownOptions.length > 0) parts.push(`options that are not known: ${this.#unknownOptions.join(", ")}`);
    if (parts.length > 0) this.#onWarning?.(`left out: ${parts.join("; ")}`);
  }

  /** The path by which imports would name a file that the user named. */
  #importPath(file: string): string | undefined {
    const onDisk = isFile(file);
    for (const include of onDisk ? this.#includes : []) {
      const inside = relative(resolve(include), resolve(file));
      if (inside === "" || isAbsolute(inside) || inside.split(sep)[0] === "..") continue;
      const path = inside.replaceAll("\\", "/");
      const found = this.#find(path);
      if (found === undefined || resolve(found) === resolve(file)) return path;
      this.#fail(file, `is hidden by ${found}, which comes first in the include paths: name that one, or change their order`);
      return undefined;
    }
    const path = posix.normalize(file.replaceAll("\\", "/"));
    if (!isAbsolute(file) && this.#find(path) !== undefined) return path;
    if (onDisk) this.#fail(file, `is in none of the include paths (${this.#includes.join(", ")}): give one that is around it with -I`);
    else this.#fail(file, "there is no such file, neither from here nor in an include path");
    return undefined;
  }

  #fail(file: string, message: string): void {
    this.#diagnostics.push(diagnosticAt(file, undefined, message));
  }

  /** Where a file is on disk: in an include path, else among our own. */
  #find(path: string): string | undefined {
    if (!isImportPath(path)) return undefined;
    for (const include of this.#includes) {
      const candidate = join(include, path);
      if (isFile(candidate)) return candidate;
    }
    if (!path.startsWith("google/")) return undefined;
    const own = join(bundled, path);
    return isFile(own) ? own : undefined;
  }

  /** Reads a file and, before it takes its place in the order, all it imports. Undefined: it is not there, or wrong. */
  #load(path: string): ProtoSource | undefined {
    if (this.#sources.has(path)) return this.#sources.get(path);
    const disk = this.#find(path);
    if (disk === undefined) return undefined;
    const parsed = this.#parse(path, disk);
    const source = parsed === undefined ? undefined : new ProtoSource(disk, parsed, this.#diagnostics);
    this.#sources.set(path, source);
    if (source === undefined || parsed === undefined) return source;
    this.#noteUnknown(parsed.unknownOptions, disk);
    this.#open.push(path);
    parsed.imports.forEach((named, i) => {
      const file = this.#import(named, source);
      source.imports.push({ ...named, public: parsed.descriptor.publicDependency.includes(i), file });
    });
    this.#open.pop();
    this.#order.push(source);
    return source;
  }

  #noteUnknown(options: readonly Option[], shown: string): void {
    for (const { name, place } of options) this.#unknownOptions.push(`${name} (${shown}:${place.line + 1}:${place.column + 1})`);
  }

  #parse(path: string, disk: string): ParsedProto | undefined {
    try {
      return parseProto(path, readFileSync(disk, "utf8"));
    } catch (error) {
      this.#broken = true;
      if (error instanceof SyntaxProblem) this.#diagnostics.push(diagnosticAt(disk, error.place, error.message));
      else if (isSystemError(error)) this.#fail(disk, `cannot be read: ${error.message}`);
      else throw error;
      return undefined;
    }
  }

  #import({ path, place }: ProtoImport, importer: ProtoSource): ProtoSource | undefined {
    if (this.#ignored(path)) return undefined;
    if (!isImportPath(path)) importer.report(place, `an import path has forward slashes, and no empty, "." or ".." segments: "${path}"`);
    const start = this.#open.indexOf(path);
    if (start >= 0) {
      this.#broken = true;
      importer.report(place, `the file imports itself: ${[...this.#open.slice(start), path].join(" -> ")}`);
      return undefined;
    }
    const file = this.#load(path);
    if (file === undefined && !this.#sources.has(path)) this.#missing.add(path);
    return file;
  }
}

/** Others could lead out of the include paths, and what is generated out of the output folder. */
function isImportPath(path: string): boolean {
  return !path.includes("\\") && path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
