// The plugin without its streams: bytes of a CodeGeneratorRequest in, bytes of a CodeGeneratorResponse out.
import { fromBinary, toBinary } from "../runtime.js";
import {
  CodeGeneratorRequest,
  CodeGeneratorResponse,
  CodeGeneratorResponse_Feature,
  type CodeGeneratorResponseInit,
} from "../wkt/google/protobuf/compiler/plugin_ttrpc.js";
import { Edition } from "../wkt/google/protobuf/descriptor_ttrpc.js";
import { fromRequest } from "./from-request.js";
import { generate, type GeneratedFile } from "./generate.js";
import { globMatcher } from "./glob.js";
import { OptionError, parseParameter } from "./parameters.js";
import { ProtoError } from "./proto/diagnostics.js";

// protoc gives proto3 `optional` and editions only to plugins that say they take them.
const abilities = {
  supportedFeatures: BigInt(CodeGeneratorResponse_Feature.PROTO3_OPTIONAL | CodeGeneratorResponse_Feature.SUPPORTS_EDITIONS),
  minimumEdition: Edition.EDITION_PROTO2,
  maximumEdition: Edition.EDITION_2024,
} satisfies CodeGeneratorResponseInit;

/**
 * Answers one request. What the user did wrong (options, .proto files) comes back in the response's `error`, as the protocol
 * wants it; protoc and buf print that.
 * @throws what is wrong with the request itself, or a mistake of ours: reason to exit with 1.
 */
export function respond(requestBytes: Uint8Array): Uint8Array {
  return toBinary(CodeGeneratorResponse, answer(requestBytes));
}

function answer(requestBytes: Uint8Array): CodeGeneratorResponseInit {
  const request = fromBinary(CodeGeneratorRequest, requestBytes);
  try {
    // First: a wrong option is told even if the files are wrong as well.
    const options = parseParameter(request.parameter ?? "");
    const { files, wanted } = fromRequest(request);
    const ignored = globMatcher(options.ignoreImports);
    const generated = generate(files, new Set([...wanted].filter((path) => !ignored(path))), options);
    for (const file of generated) checkName(file);
    return { ...abilities, file: generated };
  } catch (error) {
    if (error instanceof OptionError || error instanceof ProtoError) return { ...abilities, error: error.message };
    throw error;
  }
}

/** Names come from the request: whoever sends it must not choose a place outside the output folder. */
function checkName({ name }: GeneratedFile): void {
  if (name.startsWith("/") || name.includes("\\") || name.split("/").includes(".."))
    throw new OptionError(`${JSON.stringify(name)} is no name inside the output folder`);
}
