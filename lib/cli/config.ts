// ttrpc.config.json: what to generate from what. Every mistake is named with its place in the file, all at once.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { didYouMean } from "../codegen/nearest.js";
import { checkText, configKey, OptionError, optionRows, type OptionRow, type OptionValues } from "../codegen/parameters.js";
import { UsageError } from "./command.js";
import { type JsonNode, JsonTextError, lineAndColumn, parseJsonText } from "./json-text.js";
import { shown } from "./paths.js";

/** Read from the working folder where no files are named. */
export const CONFIG_NAME = "ttrpc.config.json";

/** One run of the generator as a configuration gives it; what it does not say is not there. */
export interface ConfigTarget {
  /** Absolute. */
  readonly include?: readonly string[];
  /** Paths, folders and globs, relative to the configuration's folder. */
  readonly files?: readonly string[];
  /** Absolute. */
  readonly out?: string;
  /** Whether imported files are generated as well. */
  readonly imports?: boolean;
  readonly options: OptionValues;
}

export interface Config {
  /** Absolute. */
  readonly path: string;
  /** Absolute: what the paths in it are relative to. */
  readonly folder: string;
  /** At least one. What stands beside "targets" holds for each of them. */
  readonly targets: readonly ConfigTarget[];
}

/** What a key takes. */
interface KeyRule {
  readonly kind: "text" | "boolean" | "list";
  readonly row?: OptionRow;
}

const OWN_KEYS: ReadonlyMap<string, KeyRule> = new Map([
  ["include", { kind: "list" }],
  ["files", { kind: "list" }],
  ["out", { kind: "text" }],
  ["imports", { kind: "boolean" }],
]);
const TOP_KEYS: ReadonlySet<string> = new Set(["$schema", "targets"]);

function keyRules(): Map<string, KeyRule> {
  const rules = new Map(OWN_KEYS);
  for (const row of optionRows) rules.set(configKey(row), { kind: row.kind === "choice" ? "text" : row.kind, row });
  return rules;
}

/** @throws UsageError if it cannot be read or says what cannot be: a line `file:line:col: message` per mistake. */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new UsageError(`cannot read ${shown(path)}: ${(error as Error).message}`, { cause: error });
  }
  return parseConfig(text, path);
}

/** {@link readConfig} of a text. @throws UsageError */
export function parseConfig(text: string, path: string): Config {
  const problems: { readonly at: number; readonly message: string }[] = [];
  const folder = resolve(dirname(path));
  const rules = keyRules();

  function problem(at: number, message: string): undefined {
    problems.push({ at, message });
  }

  /** The value as the rule wants it, or undefined with the problem noted. */
  function read(node: JsonNode, key: string, rule: KeyRule): string | boolean | string[] | undefined {
    if (rule.kind === "list") {
      if (node.kind !== "array") return problem(node.at, `"${key}" is to be a list of strings`);
      return node.items.flatMap((item) => textOf(item, key, rule) ?? []);
    }
    if (rule.kind === "text") return textOf(node, key, rule);
    if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
    return problem(node.at, `"${key}" is to be true or false`);
  }

  function textOf(node: JsonNode, key: string, rule: KeyRule): string | undefined {
    if (node.kind !== "scalar" || typeof node.value !== "string")
      return problem(node.at, `"${key}" is to be ${rule.kind === "list" ? "a list of strings" : "a string"}`);
    try {
      return rule.row === undefined ? node.value : checkText(rule.row, node.value, `"${key}"`);
    } catch (error) {
      if (error instanceof OptionError) return problem(node.at, error.message);
      throw error;
    }
  }

  function target(node: JsonNode, allowed: ReadonlySet<string>, what: string): ConfigTarget {
    if (node.kind !== "object") {
      problem(node.at, `${what} is to be an object`);
      return { options: {} };
    }
    const own: Record<string, unknown> = {};
    const options: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const { key, at, node: value } of node.entries) {
      const rule = rules.get(key);
      if (seen.has(key)) problem(at, `"${key}" is there twice`);
      else if (rule !== undefined) (rule.row === undefined ? own : options)[rule.row?.key ?? key] = read(value, key, rule);
      else if (!allowed.has(key)) problem(at, `unknown key "${key}"${didYouMean(key, [...rules.keys(), ...allowed])}`);
      seen.add(key);
    }
    // The rules checked what each key holds.
    const { include, out, ...rest } = own as Omit<ConfigTarget, "options">;
    return {
      ...rest,
      ...(include && { include: include.map((each) => resolve(folder, each)) }),
      ...(out !== undefined && { out: resolve(folder, out) }),
      options,
    };
  }

  const targets: ConfigTarget[] = [];
  try {
    const root = parseJsonText(text);
    const common = target(root, TOP_KEYS, "the configuration");
    const list = root.kind === "object" ? root.entries.find(({ key }) => key === "targets")?.node : undefined;
    if (list === undefined) targets.push(common);
    else if (list.kind !== "array" || list.items.length === 0) problem(list.at, '"targets" is to be a list of objects, at least one');
    else {
      for (const item of list.items) {
        const own = target(item, new Set(), "each of the targets");
        targets.push({ ...common, ...own, options: { ...common.options, ...own.options } });
      }
    }
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    problem(error.at, error.message);
  }
  if (problems.length === 0) return { path: resolve(path), folder, targets };
  const lines = problems.toSorted((a, b) => a.at - b.at).map(({ at, message }) => `${shown(path)}:${lineAndColumn(text, at)}: ${message}`);
  throw new UsageError(lines.join("\n"));
}

/** The JSON schema of the file, for editors: lib/cli/ttrpc.config.schema.json is this, written out. */
export function configSchema(): object {
  const properties: Record<string, object> = {
    include: { type: "array", items: { type: "string" }, description: "Folders that imports are looked up in. Default: this file's." },
    files: { type: "array", items: { type: "string" }, description: "What to generate: paths, folders and globs." },
    out: { type: "string", description: 'Folder for what is generated. Default: "gen".' },
    imports: { type: "boolean", description: "Whether imported files are generated as well. Default: true." },
  };
  for (const row of optionRows) {
    const value = row.kind === "boolean" ? { type: "boolean" } : { type: "string", ...(row.choices && { enum: row.choices }) };
    properties[configKey(row)] = { ...(row.kind === "list" ? { type: "array", items: value } : value), description: `${row.effect}.` };
  }
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: CONFIG_NAME,
    type: "object",
    properties: {
      $schema: { type: "string" },
      ...properties,
      targets: {
        type: "array",
        minItems: 1,
        items: { type: "object", properties, additionalProperties: false },
        description: "Several runs; what stands beside this key holds for each.",
      },
    },
    additionalProperties: false,
  };
}
