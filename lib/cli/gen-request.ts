// What `ttrpc gen` was asked for: flags, over the configuration, over the defaults.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { GenerateOptions } from "../codegen/options.js";
import { completeOptions, OptionCollector, OptionError, optionRows, type OptionValues } from "../codegen/parameters.js";
import { UsageError } from "./command.js";
import { type Config, CONFIG_NAME, readConfig } from "./config.js";
import { parseFlags } from "./flags.js";
import { shown } from "./paths.js";

/** One run of the generator. */
export interface Target {
  /** Paths, folders and globs. */
  readonly files: readonly string[];
  /** Absolute: what `files` are relative to. */
  readonly base: string;
  /** Absolute. */
  readonly include: readonly string[];
  /** Absolute. */
  readonly out: string;
  /** Whether imported files are generated as well. */
  readonly imports: boolean;
  readonly options: GenerateOptions;
}

export interface GenRequest {
  readonly check: boolean;
  readonly watch: boolean;
  readonly quiet: boolean;
  /** Absolute, if one is used. */
  readonly config: string | undefined;
  /** Reads the configuration anew each time. @throws UsageError */
  targets(): Target[];
}

/** Where generated files go unless told. */
export const DEFAULT_OUT = "gen";

const flags = [
  { name: "include", short: "I", takesValue: true },
  { name: "out", short: "o", takesValue: true },
  { name: "config", takesValue: true },
  { name: "no-imports", takesValue: false },
  { name: "check", takesValue: false },
  { name: "watch", takesValue: false },
  { name: "quiet", short: "q", takesValue: false },
  { name: "help", short: "h", takesValue: false },
  ...optionRows.map(({ flag, kind }) => ({ name: flag, takesValue: kind !== "boolean" })),
];

interface Given {
  readonly files: readonly string[];
  readonly include: readonly string[];
  readonly texts: ReadonlyMap<string, string>;
  readonly booleans: ReadonlyMap<string, boolean>;
  readonly options: OptionValues;
}

/** @throws UsageError */
export function parseGenRequest(args: readonly string[]): GenRequest {
  const given = readFlags(args);
  const isSet = (name: string): boolean => given.booleans.get(name) === true;
  if (isSet("check") && isSet("watch")) throw new UsageError("--check and --watch do not go together");
  const config = configPath(given);
  return {
    check: isSet("check"),
    watch: isSet("watch"),
    quiet: isSet("quiet"),
    config,
    targets: () => targetsOf(given, config === undefined ? undefined : readConfig(config)),
  };
}

function readFlags(args: readonly string[]): Given {
  const { given, rest } = parseFlags(args, flags);
  const include: string[] = [];
  const texts = new Map<string, string>();
  const booleans = new Map<string, boolean>();
  const options = new OptionCollector();
  for (const { name, spelling, value } of given) {
    const row = optionRows.find(({ flag }) => flag === name);
    if (row !== undefined) asUsage(() => options.add(row, value, spelling));
    else if (name === "include") include.push(value ?? "");
    else if (name === "out" || name === "config") texts.set(name, value ?? "");
    else if (value === undefined || value === "true" || value === "false") booleans.set(name, value !== "false");
    else throw new UsageError(`${spelling} takes no value, and ${JSON.stringify(value)} is given`);
  }
  return { files: rest, include, texts, booleans, options: options.values };
}

function configPath({ files, texts }: Given): string | undefined {
  const named = texts.get("config");
  if (named !== undefined) return resolve(named);
  if (files.length > 0) return undefined;
  const path = resolve(CONFIG_NAME);
  if (!existsSync(path)) throw new UsageError(`no files are named, and there is no ${CONFIG_NAME} here. "ttrpc help gen" explains both`);
  return path;
}

function targetsOf(given: Given, config: Config | undefined): Target[] {
  const listed = config?.targets ?? [{ options: {} }];
  if (given.files.length > 0 && listed.length > 1)
    throw new UsageError("files are named, and the configuration has several targets: which is meant is not clear");
  const folder = config?.folder ?? process.cwd();
  const noImports = given.booleans.get("no-imports");
  const out = given.texts.get("out");
  return listed.map((target) => {
    const files = given.files.length > 0 ? given.files : (target.files ?? []);
    if (files.length === 0) throw new UsageError(`${config === undefined ? "the command line" : `a target of ${shown(config.path)}`} names no files`);
    return {
      files,
      base: given.files.length > 0 ? process.cwd() : folder,
      include: given.include.length > 0 ? given.include.map((path) => resolve(path)) : (target.include ?? [folder]),
      out: out === undefined ? (target.out ?? resolve(folder, DEFAULT_OUT)) : resolve(out),
      imports: noImports === undefined ? (target.imports ?? true) : !noImports,
      options: asUsage(() => completeOptions({ ...target.options, ...given.options })),
    };
  });
}

/** An option that is wrong on the command line or in the configuration is a wrong call. */
function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof OptionError ? new UsageError(error.message, { cause: error }) : error;
  }
}
