// A sub-command's flags: Node's parseArgs, with errors that name the flag and the nearest one there is.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { didYouMean } from "../codegen/nearest.js";
import { UsageError } from "./command.js";

export interface Flag {
  /** Without the dashes in front. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Whether a value follows. A boolean takes one only behind "=". */
  readonly takesValue: boolean;
}

export interface GivenFlag {
  readonly name: string;
  /** As the user wrote it: "-I", "--out". */
  readonly spelling: string;
  /** undefined for a boolean that stands alone. */
  readonly value: string | undefined;
}

/**
 * @returns flags in the order given, and all that is no flag or stands behind "--".
 * @throws UsageError for an unknown flag or one without its value.
 */
export function parseFlags(args: readonly string[], flags: readonly Flag[]): { readonly given: GivenFlag[]; readonly rest: string[] } {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const { name, short, takesValue } of flags) {
    options[name] = { type: takesValue ? "string" : "boolean", multiple: true, ...(short !== undefined && { short }) };
  }
  // Not strict: its errors know no nearest name, and advise on things nobody asked about.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const given: GivenFlag[] = [];
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") rest.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find(({ name }) => name === token.name);
    const { rawName: spelling, inlineValue } = token;
    if (flag === undefined) {
      const names = flags.flatMap(({ name, short }) => (short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]));
      throw new UsageError(`unknown flag ${JSON.stringify(spelling)}${didYouMean(spelling, names)}`);
    }
    // -I=DIR as protoc takes it.
    const value = inlineValue === true && spelling.length === 2 ? token.value?.replace(/^=/, "") : token.value;
    if (flag.takesValue && (value === undefined || (inlineValue !== true && /^-./.test(value)))) {
      throw new UsageError(
        `${spelling} needs a value${value === undefined ? "" : `; if it is ${value}, write ${spelling}${spelling.startsWith("--") ? "=" : ""}${value}`}`,
      );
    }
    given.push({ name: token.name, spelling, value });
  }
  return { given, rest };
}
