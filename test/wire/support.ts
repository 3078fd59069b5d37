// Small tools of the wire tests.
import assert from "node:assert/strict";
import protobuf from "protobufjs";
import { WireError } from "#lib/wire/wire-error.js";

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** Bytes of hexadecimal text; spaces are for the reader. */
export function unhex(text: string): Buffer {
  const digits = text.replaceAll(" ", "");
  assert.match(digits, /^([0-9a-f]{2})*$/);
  return Buffer.from(digits, "hex");
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const MALFORMED = "proto: cannot parse invalid wire-format data";
export const INVALID_UTF8 = "string field contains invalid UTF-8";

/** What `read` throws, which must be a WireError of this text. */
export function assertWireError(read: () => unknown, text: string, what?: string): void {
  assert.throws(
    read,
    (error: unknown) => {
      assert.ok(error instanceof WireError, `${what ?? ""} threw ${String(error)}`);
      assert.equal(error.message, text, what);
      assert.equal(error.name, "WireError");
      assert.ok(error.cause instanceof RangeError, "the cause says where");
      return true;
    },
    what,
  );
}

/** The varint-like and fixed kinds of protobuf, as Writer and Reader name their methods. */
export type ScalarKind =
  | "uint32"
  | "int32"
  | "sint32"
  | "uint64"
  | "int64"
  | "sint64"
  | "bool"
  | "fixed32"
  | "sfixed32"
  | "fixed64"
  | "sfixed64"
  | "float"
  | "double";
export type PackedKind = `${ScalarKind}s`;

/** Calls the writer's method of a kind. protobufjs's writers have the same methods. */
export function writeKind(writer: object, kind: ScalarKind | PackedKind, value: unknown): void {
  (writer as Record<ScalarKind | PackedKind, (value: unknown) => unknown>)[kind](value);
}

/** Calls the reader's method of a kind. */
export function readKind(reader: object, kind: ScalarKind | PackedKind): unknown {
  return (reader as Record<ScalarKind | PackedKind, () => unknown>)[kind]();
}

/** A 64-bit integer as protobufjs wants it. Its own typings know only the constructor. */
export function long(value: bigint, unsigned = false): { readonly low: number; readonly high: number } {
  const { fromString } = protobuf.util.Long as unknown as { fromString(text: string, unsigned: boolean): { low: number; high: number } };
  return fromString(value.toString(), unsigned);
}
