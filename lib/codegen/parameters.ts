// One row per option of the generator. Its spellings, its checks and its help all come from the row: `--import-ext` as a
// flag, `import_ext` as a plugin's parameter, `importExt` in ttrpc.config.json. A new option is a new row.
import { globToRegExp } from "./glob.js";
import { didYouMean } from "./nearest.js";
import { defaultOptions, type GenerateOptions } from "./options.js";

/** An option that nobody knows, or a value it does not take. The message says which, in the spelling the user used. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

export interface OptionRow {
  readonly key: keyof GenerateOptions;
  /** Without the dashes in front: "import-ext". */
  readonly flag: string;
  /** choice: one of `choices`. list: may be given more than once. */
  readonly kind: "choice" | "boolean" | "text" | "list";
  readonly choices?: readonly string[];
  /** Stands for the value in help texts. */
  readonly placeholder: string;
  readonly effect: string;
  /** What is wrong with a text, or undefined. */
  readonly check?: (value: string) => string | undefined;
}

/** Options as the user gave them; what is not given is not there. */
export type OptionValues = { readonly [K in keyof GenerateOptions]?: GenerateOptions[K] };

export const optionRows: readonly OptionRow[] = [
  choice("int64", "int64", ["bigint", "number", "string"], "what 64-bit integers are, unless a field's jstype says"),
  choice("maps", "maps", ["object", "map"], "what map fields are: plain objects or Maps"),
  choice("importExtension", "import-ext", [".js", ".ts", "none"], "extension in imports between generated files"),
  choice("unknownFields", "unknown-fields", ["drop", "keep"], "whether fields that the .proto does not know survive"),
  { key: "json", flag: "json", kind: "boolean", placeholder: "", effect: "messages carry what toJson and fromJson need" },
  { key: "servicesOnly", flag: "services-only", kind: "boolean", placeholder: "", effect: "services without messages, as *_service_ttrpc.ts" },
  choice("messages", "messages", ["ttrpc", "protobuf-es", "protobufjs"], "whose messages the services are over"),
  {
    key: "messagesModule",
    flag: "messages-module",
    kind: "text",
    placeholder: "PATH",
    effect: "with messages=protobufjs: the pbjs module without its extension, from the output folder",
  },
  {
    key: "servicePrefix",
    flag: "service-prefix",
    kind: "text",
    placeholder: "PREFIX",
    effect: "goes before each service's name",
    check: (value) => (/^(?:[A-Za-z_$][\w$]*)?$/.test(value) ? undefined : "is not the start of a TypeScript name"),
  },
  {
    key: "ignoreImports",
    flag: "ignore-import",
    kind: "list",
    placeholder: "GLOB",
    effect: "imports that nothing is generated for or imported from",
    check: globProblem,
  },
];

function choice(key: keyof GenerateOptions, flag: string, choices: readonly string[], effect: string): OptionRow {
  return { key, flag, kind: "choice", choices, placeholder: choices.join("|"), effect };
}

function globProblem(glob: string): string | undefined {
  try {
    globToRegExp(glob);
    return undefined;
  } catch (error) {
    return `is not a glob: ${(error as Error).message}`;
  }
}

/** "import_ext" */
export function parameterName(row: OptionRow): string {
  return row.flag.replaceAll("-", "_");
}

/** "importExt"; lists are plural: "ignoreImports". */
export function configKey(row: OptionRow): string {
  return row.flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) + (row.kind === "list" ? "s" : "");
}

/**
 * Checks one value.
 * @param spelling how the user names the option, for the error.
 * @throws OptionError
 */
export function checkText(row: OptionRow, value: string, spelling: string): string {
  if (row.choices !== undefined && !row.choices.includes(value)) {
    throw new OptionError(`${spelling}: ${JSON.stringify(value)} is none of ${row.choices.join(", ")}${didYouMean(value, row.choices)}`);
  }
  const problem = row.check?.(value);
  if (problem !== undefined) throw new OptionError(`${spelling}: ${JSON.stringify(value)} ${problem}`);
  return value;
}

/** Options with every default filled in. @throws OptionError if two do not go together. */
export function completeOptions(values: OptionValues): GenerateOptions {
  const options = { ...defaultOptions, ...values };
  if (values.messagesModule !== undefined && options.messages !== "protobufjs") {
    throw new OptionError(`a messages module is only used with messages protobufjs, and messages is ${options.messages}`);
  }
  return options;
}

/**
 * Reads a plugin's parameter: `int64=string,services_only,ignore_import=a/**,ignore_import=b/**`. Booleans alone, or with
 * `=true` or `=false`; of an option given twice the last counts, lists are joined.
 * @throws OptionError
 */
export function parseParameter(parameter: string): GenerateOptions {
  const values = new OptionCollector();
  const rows = new Map(optionRows.map((row) => [parameterName(row), row]));
  for (const part of parameter.split(",").map((text) => text.trim())) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals).trim();
    const value = equals < 0 ? undefined : part.slice(equals + 1).trim();
    const row = rows.get(name);
    if (row === undefined) throw new OptionError(`unknown option ${JSON.stringify(name)}${didYouMean(name, rows.keys())}`);
    values.add(row, value, `option ${name}`);
  }
  return completeOptions(values.values);
}

/** Collects options from texts: flags and parameters. */
export class OptionCollector {
  readonly #values = new Map<keyof GenerateOptions, string | boolean | readonly string[]>();

  /** @param value undefined for an option that stands alone. @throws OptionError */
  add(row: OptionRow, value: string | undefined, spelling: string): void {
    if (row.kind === "boolean") {
      if (value !== undefined && value !== "true" && value !== "false") {
        throw new OptionError(`${spelling}: ${JSON.stringify(value)} is neither true nor false`);
      }
      this.#values.set(row.key, value !== "false");
      return;
    }
    if (value === undefined) throw new OptionError(`${spelling} needs a value: ${row.placeholder}`);
    const text = checkText(row, value, spelling);
    const before = this.#values.get(row.key);
    this.#values.set(row.key, row.kind === "list" ? [...(Array.isArray(before) ? (before as readonly string[]) : []), text] : text);
  }

  get values(): OptionValues {
    // The rows checked each value against what the key takes.
    return Object.fromEntries(this.#values) as OptionValues;
  }
}
