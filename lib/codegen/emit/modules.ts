// Where generated modules are, and how they name each other.
import { posix } from "node:path";
import type { ProtoFile } from "../ir.js";
import { withoutExtension } from "../names.js";
import type { GenerateOptions } from "../options.js";

/** Files whose code comes with ttrpc: what is in lib/wkt. protobuf has others in the same folder, such as those of its tests. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  ...["any", "api", "compiler/plugin", "descriptor", "duration", "empty", "field_mask"].map((name) => `google/protobuf/${name}.proto`),
  ...["source_context", "struct", "timestamp", "type", "wrappers"].map((name) => `google/protobuf/${name}.proto`),
  ...["code", "error_details", "status"].map((name) => `google/rpc/${name}.proto`),
]);

export function isWellKnown(path: string): boolean {
  return WELL_KNOWN.has(path);
}

/** Whether the module of `path` is not generated, but imported from ttrpc. */
export function isBundled(path: string, options: GenerateOptions): boolean {
  return options.wellKnownModules !== "" && isWellKnown(path);
}

/** Name of the file that `path`'s messages, or with `services` its services alone, are written to. */
export function outputName(path: string, services: boolean): string {
  return `${withoutExtension(path)}${services ? "_service" : ""}_ttrpc.ts`;
}

/** How the module of `from` names the module of `to`. */
export function modulePath(from: ProtoFile, to: ProtoFile, options: GenerateOptions): string {
  if (isBundled(to.path, options)) return `${options.wellKnownModules}/${withoutExtension(to.path)}`;
  return relativeModule(from.path, `${withoutExtension(to.path)}_ttrpc`, options);
}

/** `target`, relative to the output folder, as the module of `fromPath` names it. */
export function relativeModule(fromPath: string, target: string, options: GenerateOptions): string {
  const relative = posix.relative(posix.dirname(fromPath), target);
  const path = relative.startsWith(".") ? relative : `./${relative}`;
  return options.importExtension === "none" ? path : path + options.importExtension;
}
