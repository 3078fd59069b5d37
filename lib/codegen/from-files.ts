// Front end B: from .proto files on disk to the intermediate form. Needs no protoc.
import type { ProtoFile } from "./ir.js";
import { lower } from "./lower.js";
import { readDescriptors, type ReadOptions } from "./proto-reader.js";
import { isWellKnown } from "./emit/modules.js";

export { ProtoError } from "./proto/diagnostics.js";
export type { Diagnostic } from "./proto/diagnostics.js";
export type { ReadOptions } from "./proto-reader.js";

export interface ReadProtos {
  /** All that were read, imports before those that import them. */
  readonly files: ProtoFile[];
  /** Paths, as imports have them, of the files that were asked for. */
  readonly wanted: Set<string>;
  /** Paths of the files that those import, directly or not, without the well-known ones. */
  readonly imported: Set<string>;
}

/**
 * Reads `files` and all they import.
 * @param files paths on disk inside one of the include paths, or paths as imports have them.
 * @throws ProtoError with every mistake found, as `file:line:column: message`.
 */
export function readProtos(files: readonly string[], options: ReadOptions = {}): ReadProtos {
  const { files: descriptors, wanted } = readDescriptors(files, options);
  const lowered = lower(descriptors);
  const paths = lowered.map(({ path }) => path);
  return { files: lowered, wanted, imported: new Set(paths.filter((path) => !wanted.has(path) && !isWellKnown(path))) };
}
