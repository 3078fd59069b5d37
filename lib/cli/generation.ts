// From targets to generated files in memory. Loads the parser of .proto files, so it is itself loaded only to generate.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { readProtos } from "../codegen/from-files.js";
import { generate } from "../codegen/generate.js";
import { FailureError } from "./command.js";
import type { Target } from "./gen-request.js";
import { type OutputFile, outputPath } from "./output.js";
import { expandFiles, shown } from "./paths.js";

export interface GenerationEvents {
  /** Each warning, repeated ones too. */
  warning(text: string): void;
  /** So many files are read now, and those they import. */
  reading(files: number): void;
}

export interface Generation {
  /** Sorted by path, each once. */
  readonly outputs: readonly OutputFile[];
  /** Absolute paths of all .proto files that were read. */
  readonly inputs: readonly string[];
}

/**
 * Reads and generates everything; writes nothing.
 * @throws FailureError, and what `readProtos` throws.
 */
export function generateTargets(targets: readonly Target[], events: GenerationEvents): Generation {
  const outputs = new Map<string, OutputFile>();
  const inputs = new Set<string>();
  for (const target of targets) {
    const named = expandFiles(target.files, target.base, target.include);
    events.reading(named.length);
    const { files, wanted, imported } = readProtos(named.map(shown), {
      includePaths: target.include.map(shown),
      ignoreImports: target.options.ignoreImports,
      onWarning: (text) => events.warning(text),
    });
    for (const path of named) inputs.add(path);
    for (const { path } of files) {
      const found = target.include.map((folder) => resolve(folder, path)).find(existsSync);
      if (found !== undefined) inputs.add(found);
    }
    const chosen = target.imports ? new Set([...wanted, ...imported]) : wanted;
    for (const { name, content } of generate(files, chosen, target.options)) {
      const output = { out: target.out, name, content };
      const path = outputPath(output);
      const other = outputs.get(path);
      if (other !== undefined && other.content !== content) {
        throw new FailureError(`${shown(path)} is generated twice, with different options or from files of one name: give the targets folders of their own`);
      }
      outputs.set(path, output);
    }
  }
  const sorted = [...outputs].sort(([a], [b]) => (a < b ? -1 : 1));
  return { outputs: sorted.map(([, output]) => output), inputs: [...inputs] };
}
