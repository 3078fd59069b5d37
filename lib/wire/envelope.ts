// The messages that ttrpc itself sends: Request and Response, with google.rpc.Status (proto/ttrpc.proto,
// proto/google/rpc/status.proto). Read into one reused object each: a call allocates nothing for its envelope.
import type { ErrorDetail } from "../errors.js";
import { int64Words } from "./int64.js";
import type { Reader } from "./reader.js";
import { WireError } from "./wire-error.js";
import type { Writer } from "./writer.js";

const REQUEST_SERVICE = 10,
  REQUEST_METHOD = 18,
  REQUEST_PAYLOAD = 26,
  REQUEST_TIMEOUT = 32,
  REQUEST_METADATA = 42;
const RESPONSE_STATUS = 10,
  RESPONSE_PAYLOAD = 18;
const STATUS_CODE = 8,
  STATUS_MESSAGE = 18,
  STATUS_DETAILS = 26;
const FIRST = 10,
  SECOND = 18; // fields 1 and 2 of KeyValue and Any, both strings or bytes

const NANOS_PER_MS = 1e6;
/** int64's largest: a longer timeout is sent as this, 292 years. */
const MAX_TIMEOUT_MS = 9.2e12;

/** Where a Request's parts are, after `readRequest`. */
export interface RequestEnvelope {
  service: string;
  method: string;
  /** Payload in the reader's buffer. */
  payloadStart: number;
  payloadEnd: number;
  /** Relative, in milliseconds with fractions; undefined for none; negative means already over. */
  timeoutMs: number | undefined;
  /** Keys and values in turn. */
  metadata: string[] | undefined;
}

/** Where a Response's parts are, after `readResponse`. */
export interface ResponseEnvelope {
  /** 0 whether the status says so, is empty or is absent. */
  code: number;
  message: string;
  details: ErrorDetail[] | undefined;
  payloadStart: number;
  payloadEnd: number;
}

const request: RequestEnvelope = { service: "", method: "", payloadStart: 0, payloadEnd: 0, timeoutMs: undefined, metadata: undefined };
const response: ResponseEnvelope = { code: 0, message: "", details: undefined, payloadStart: 0, payloadEnd: 0 };

/** Reads a Request up to the reader's end. The result is overwritten by the next call. */
export function readRequest(reader: Reader): RequestEnvelope {
  request.service = request.method = "";
  request.payloadStart = request.payloadEnd = 0;
  request.timeoutMs = request.metadata = undefined;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === REQUEST_SERVICE) request.service = reader.internedString();
    else if (tag === REQUEST_METHOD) request.method = reader.internedString();
    else if (tag === REQUEST_PAYLOAD) {
      const length = reader.size();
      request.payloadStart = reader.pos;
      request.payloadEnd = reader.pos += length;
    } else if (tag === REQUEST_TIMEOUT) request.timeoutMs = readTimeout(reader);
    else if (tag === REQUEST_METADATA) {
      request.metadata ??= [];
      readPair(reader, request.metadata);
    } else reader.skipField(tag);
  }
  return request;
}

function readTimeout(reader: Reader): number | undefined {
  reader.skip();
  const nanos = ((int64Words[1] as number) | 0) * 4_294_967_296 + (int64Words[0] as number);
  return nanos === 0 ? undefined : nanos / NANOS_PER_MS;
}

function readPair(reader: Reader, into: string[]): void {
  let key = "";
  let value = "";
  const outer = reader.len;
  const end = reader.size() + reader.pos;
  reader.len = end;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === FIRST) key = reader.internedString();
    else if (tag === SECOND) value = reader.string();
    else reader.skipField(tag);
  }
  reader.len = outer;
  into.push(key, value);
}

/** Reads a Response up to the reader's end. The result is overwritten by the next call. */
export function readResponse(reader: Reader): ResponseEnvelope {
  response.code = 0;
  response.message = "";
  response.details = undefined;
  response.payloadStart = response.payloadEnd = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === RESPONSE_PAYLOAD) {
      const length = reader.size();
      response.payloadStart = reader.pos;
      response.payloadEnd = reader.pos += length;
    } else if (tag === RESPONSE_STATUS) readStatus(reader);
    else reader.skipField(tag);
  }
  return response;
}

function readStatus(reader: Reader): void {
  const outer = reader.len;
  const end = reader.size() + reader.pos;
  reader.len = end;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === STATUS_CODE) response.code = reader.int32();
    else if (tag === STATUS_MESSAGE) response.message = reader.string();
    else if (tag === STATUS_DETAILS) {
      response.details ??= [];
      response.details.push(readDetail(reader));
    } else reader.skipField(tag);
  }
  reader.len = outer;
}

function readDetail(reader: Reader): ErrorDetail {
  let typeUrl = "";
  let value: Uint8Array = new Uint8Array(0);
  const outer = reader.len;
  const end = reader.size() + reader.pos;
  reader.len = end;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === FIRST) typeUrl = reader.string();
    else if (tag === SECOND) value = reader.bytes();
    else reader.skipField(tag);
  }
  reader.len = outer;
  return { typeUrl, value };
}

/** The part of a Request that is the same for every call of a method. */
export function requestPrefix(service: string, method: string, writer: Writer): Uint8Array {
  if (service !== "") writer.uint32(REQUEST_SERVICE).string(service);
  if (method !== "") writer.uint32(REQUEST_METHOD).string(method);
  return writer.finish();
}

/** Begins the payload of a Request; `width` is a guess at the bytes its length will take. */
export function openRequestPayload(writer: Writer, width: number): number {
  return writer.uint32(REQUEST_PAYLOAD).open(width);
}

/** Begins the payload of a Response. */
export function openResponsePayload(writer: Writer, width: number): number {
  return writer.uint32(RESPONSE_PAYLOAD).open(width);
}

/** Ends a payload and returns its bytes; an empty one is left out, as Go does. */
export function closePayload(writer: Writer, start: number, width: number): number {
  const length = writer.lengthSince(start);
  if (length === 0) writer.pos = start - width - 1;
  else writer.close(start, width);
  return length;
}

/** The rest of a Request, after the payload. `pairs`: keys and values in turn. */
export function writeRequestOptions(writer: Writer, timeoutMs: number | undefined, pairs: readonly string[] | undefined): void {
  if (timeoutMs !== undefined) {
    const nanos = Math.max(1, Math.round(Math.min(timeoutMs, MAX_TIMEOUT_MS) * NANOS_PER_MS));
    writer.uint32(REQUEST_TIMEOUT).int64(nanos);
  }
  if (pairs === undefined) return;
  for (let i = 0; i < pairs.length; i += 2) {
    const key = pairs[i] as string;
    const value = pairs[i + 1] as string;
    if (value !== "") writer.putStringEntry(REQUEST_METADATA, key, value);
    else {
      const start = writer.openField(REQUEST_METADATA);
      writer.putString(FIRST, key);
      writer.close(start);
    }
  }
}

/** A Response that is an error. */
export function writeStatus(writer: Writer, code: number, message: string, details: readonly ErrorDetail[]): void {
  const status = writer.uint32(RESPONSE_STATUS).open();
  if (code !== 0) writer.uint32(STATUS_CODE).int32(code);
  if (message !== "") writer.uint32(STATUS_MESSAGE).string(message);
  for (const { typeUrl, value } of details) {
    const detail = writer.uint32(STATUS_DETAILS).open();
    writer.uint32(FIRST).string(typeUrl);
    if (value.length !== 0) writer.uint32(SECOND).bytes(value);
    writer.close(detail);
  }
  writer.close(status);
}

/** The text of an envelope that could not be read. */
export function envelopeError(cause: unknown): string {
  return cause instanceof WireError ? cause.message : String(cause);
}
