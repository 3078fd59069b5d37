// The program under test of protobuf's conformance suite: reads requests from stdin, has generated code decode and encode, and
// writes responses to stdout. Frames are a little-endian length and a message of conformance.proto, which is read by generated
// code, too. Arguments: folders of compiled generated code.
import { readdirSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fromBinary, toBinary } from "#lib/runtime.js";
import type { AnyGenerated } from "../codegen/generated.js";
import { fromJsonText, isJsonType, toJsonText } from "./json.js";

/** conformance.WireFormat */
const PROTOBUF = 1;
const JSON_FORMAT = 2;
/** conformance.TestCategory */
const JSON_IGNORE_UNKNOWN_PARSING_TEST = 3;

/** conformance.ConformanceRequest, as far as it matters here. */
interface Request {
  readonly payload?: { readonly case: "protobufPayload"; readonly value: Uint8Array } | { readonly case: string; readonly value: string };
  readonly requestedOutputFormat: number;
  readonly messageType: string;
  readonly testCategory: number;
}

/** Which of conformance.ConformanceResponse's results. */
type Result = { readonly case: string; readonly value: string | Uint8Array };

const types = new Map<string, AnyGenerated>();

for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith("_ttrpc.js")) continue;
    const module = (await import(pathToFileURL(join(folder, name)).href)) as object;
    for (const value of Object.values(module) as unknown[]) {
      if (typeof value === "object" && value !== null && "typeName" in value && "decode" in value) {
        const type = value as AnyGenerated;
        types.set(type.typeName, type);
      }
    }
  }
}

function typeNamed(name: string): AnyGenerated {
  const type = types.get(name);
  if (type === undefined) throw new Error(`${name} was not generated`);
  return type;
}

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function parse(type: AnyGenerated, { payload, testCategory }: Request): object | undefined {
  if (payload?.value instanceof Uint8Array) return fromBinary(type, payload.value);
  if (payload?.case !== "jsonPayload" || !isJsonType(type)) return undefined;
  return fromJsonText(type, payload.value, types, testCategory === JSON_IGNORE_UNKNOWN_PARSING_TEST);
}

function answer(request: Request): Result {
  const { messageType, requestedOutputFormat } = request;
  // The suite first asks for failures that are expected: there are none that it is told here.
  if (messageType === "conformance.FailureSet") return { case: "protobufPayload", value: new Uint8Array(0) };
  const type = typeNamed(messageType);
  if (requestedOutputFormat !== PROTOBUF && (requestedOutputFormat !== JSON_FORMAT || !isJsonType(type))) {
    return { case: "skipped", value: `output format ${requestedOutputFormat}` };
  }
  let message: object | undefined;
  try {
    message = parse(type, request);
  } catch (error) {
    return { case: "parseError", value: errorText(error) };
  }
  if (message === undefined) return { case: "skipped", value: `input ${request.payload?.case}` };
  try {
    if (requestedOutputFormat === PROTOBUF) return { case: "protobufPayload", value: toBinary(type, message) };
    if (isJsonType(type)) return { case: "jsonPayload", value: toJsonText(type, message, types) };
  } catch (error) {
    return { case: "serializeError", value: errorText(error) };
  }
  return { case: "skipped", value: "no JSON" };
}

/** `length` bytes of stdin, or undefined at its end. */
function read(length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const got = readSync(0, bytes, at, length - at, null);
    if (got === 0) return undefined;
    at += got;
  }
  return bytes;
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

const Request = typeNamed("conformance.ConformanceRequest");
const Response = typeNamed("conformance.ConformanceResponse");
for (let header = read(4); header !== undefined; header = read(4)) {
  const frame = read(header.readUInt32LE(0));
  if (frame === undefined) break;
  let result: Result;
  try {
    result = answer(fromBinary(Request, frame) as Request);
  } catch (error) {
    result = { case: "runtimeError", value: errorText(error) };
  }
  const response = toBinary(Response, { result });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(response.length);
  write(Buffer.concat([length, response]));
}
