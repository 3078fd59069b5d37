// What generated code imports: types, and the few functions that it calls beside Reader and Writer.
import type { MessageType } from "./codec.js";
import { Reader } from "./wire/reader.js";
import { WireError } from "./wire/wire-error.js";
import { Writer } from "./wire/writer.js";

export type { AnyMessageType, MessageType } from "./codec.js";
export type { In, Method, MethodKind, Methods, Out, Service } from "./services.js";
export type { JsonField, JsonMessage } from "./json/fields.js";
export { setEntry } from "./wire/entry.js";
export { Reader, Writer };

/** A message type that the generator wrote. Its `decode` can go on with a message: repeated occurrences of a field are merged. */
export interface GeneratedMessage<T extends object, Init extends object = T> extends MessageType<T, Init> {
  decode(reader: Reader, length?: number, into?: T): T;
}

/** Of `toBinary`. What it calls may call it again: each call goes on where the one around it is, and takes back what it wrote. */
let scratch = new Writer(Buffer.allocUnsafeSlow(4096));
const KEPT_BYTES = 65_536;

/** The protobuf binary form of a message. */
export function toBinary<Init extends object>(type: MessageType<object, Init>, message: Init): Uint8Array {
  const writer = scratch;
  const start = writer.pos;
  try {
    type.encode(message, writer);
    return new Uint8Array(writer.buf.subarray(start, writer.pos));
  } finally {
    writer.rewind(start);
    if (writer.buf.length > KEPT_BYTES && start === 0) scratch = new Writer(Buffer.allocUnsafeSlow(4096));
  }
}

/**
 * Reads a message from its protobuf binary form; throws on malformed bytes. Large `bytes` fields may be views of `bytes`.
 */
export function fromBinary<T extends object>(type: MessageType<T, never>, bytes: Uint8Array): T {
  return type.decode(new Reader(bytes, 0, bytes.length, true));
}

/** The zero of `bytes` fields. */
export const emptyBytes: Uint8Array = new Uint8Array(0);

/** Whether a float must be written: all but zero, and negative zero, too. */
export function isNonZero(value: number | undefined): value is number {
  return value !== undefined && !Object.is(value, 0);
}

/** A 64-bit integer as a number; throws if it has no exact one. */
export function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new WireError(`64-bit integer ${value} has no exact number; generate with int64=bigint or int64=string`);
  return number;
}

/** Key of a map with 64-bit keys, from the property name that it is. */
export function keyInt64(key: string): bigint {
  if (!/^-?\d+$/.test(key)) throw new TypeError(`map key ${JSON.stringify(key)} is not an integer`);
  return BigInt(key);
}

/** Key of a map with 32-bit keys. */
export function keyInt32(key: string): number {
  if (!/^-?\d+$/.test(key)) throw new TypeError(`map key ${JSON.stringify(key)} is not an integer`);
  return Number(key);
}

/** Key of a map with boolean keys. */
export function keyBool(key: string): boolean {
  if (key !== "true" && key !== "false") throw new TypeError(`map key ${JSON.stringify(key)} is neither true nor false`);
  return key === "true";
}

/** A copy of a map field, each value made by `make`. */
export function createEntries<I, T>(from: { readonly [key: string]: I } | undefined, make: (value: I) => T): { [key: string]: T } {
  return from === undefined ? {} : Object.fromEntries(Object.entries(from).map(([key, value]) => [key, make(value)]));
}

/** The same for fields that are a `Map`. */
export function createMap<K, I, T>(from: ReadonlyMap<K, I> | undefined, make: (value: I) => T): Map<K, T> {
  const made = new Map<K, T>();
  if (from !== undefined) for (const [key, value] of from) made.set(key, make(value));
  return made;
}

/** The error for a required field that is missing. protobuf-go: errors.RequiredNotSet. */
export function missingRequired(field: string): WireError {
  return new WireError(`proto: required field ${field} not set`);
}
