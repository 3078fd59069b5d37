// The command line that all benchmark programs share, ours, Go's, Rust's and the others'.
import { parseArgs } from "node:util";

const NAMES = ["address", "case", "inflight", "size", "connections", "seconds", "warmup-ms", "interval-ms", "channel", "busy-poll"] as const;
type Name = (typeof NAMES)[number];

/** The flags of this process: Go's form, one dash. */
export function parseFlags(args: readonly string[] = process.argv.slice(2)): { readonly interceptor: boolean } & Readonly<Partial<Record<Name, string>>> {
  const doubled = args.map((arg) => (/^-[a-z]/.test(arg) ? `-${arg}` : arg));
  const strings = Object.fromEntries(NAMES.map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ args: doubled, options: { ...strings, interceptor: { type: "boolean", default: false } } });
  return values;
}

/** `busyPollMicros` of a flag: "auto" or a number. */
export function busyPollOf(flag: string | undefined): number | "auto" {
  return flag === undefined || flag === "auto" ? "auto" : Number(flag);
}
