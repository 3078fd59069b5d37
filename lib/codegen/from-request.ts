// Front end A: from what protoc and buf hand to a plugin to the intermediate form.
import type { CodeGeneratorRequest } from "../wkt/google/protobuf/compiler/plugin_ttrpc.js";
import type { ProtoFile } from "./ir.js";
import { lower } from "./lower.js";

export interface RequestedProtos {
  readonly files: ProtoFile[];
  /** Paths of the files to generate. */
  readonly wanted: Set<string>;
  /** "" without one. */
  readonly parameter: string;
}

/** @throws Error for a request that lacks a type or a file that it names. */
export function fromRequest(request: Pick<CodeGeneratorRequest, "fileToGenerate" | "parameter" | "protoFile">): RequestedProtos {
  const wanted = new Set(request.fileToGenerate);
  const paths = new Set(request.protoFile.map(({ name }) => name));
  for (const path of wanted) if (!paths.has(path)) throw new Error(`${path} is to be generated, but the request does not have it`);
  return { files: lower(request.protoFile), wanted, parameter: request.parameter ?? "" };
}
