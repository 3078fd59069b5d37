// Whether a field can hold a value. Protobuf's own wrap-around would send another number than the caller's.
import { int64Words, splitBigInt, zigzagEncode } from "./int64.js";
import { FieldError } from "./wire-error.js";

/** What a 64-bit field takes. Numbers must be safe integers, strings decimal. */
export type Int64Value = bigint | number | string;

export function checkInt32(tag: number, value: number): void {
  if ((value | 0) !== value) throw refused(tag, value, "32-bit integer");
}

export function checkUint32(tag: number, value: number): void {
  if (value >>> 0 !== value) throw refused(tag, value, "unsigned 32-bit integer");
}

export function checkNumber(tag: number, value: number): void {
  if (typeof value !== "number") throw refused(tag, value, "number");
}

/** Checks, and splits into `int64Words`. */
export function splitSigned(tag: number, value: Int64Value): void {
  const exact = typeof value === "bigint" ? value : integer(tag, value);
  if (BigInt.asIntN(64, exact) !== exact) throw refused(tag, value, "64-bit integer");
  splitBigInt(exact);
}

export function splitUnsigned(tag: number, value: Int64Value): void {
  const exact = typeof value === "bigint" ? value : integer(tag, value);
  if (BigInt.asUintN(64, exact) !== exact) throw refused(tag, value, "unsigned 64-bit integer");
  splitBigInt(exact);
}

export function splitZigzag(tag: number, value: Int64Value): void {
  splitSigned(tag, value);
  zigzagEncode();
}

/** The words split last. */
export function lowWord(): number {
  return int64Words[0] as number;
}

export function highWord(): number {
  return int64Words[1] as number;
}

function integer(tag: number, value: unknown): bigint {
  if (typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "string" && /^-?\d+$/.test(value)) return BigInt(value as number | string);
  throw refused(tag, value, "64-bit integer");
}

export function refused(tag: number, value: unknown, wanted: string): FieldError {
  const simple = value === null || value === undefined;
  const got = simple ? String(value) : typeof value === "object" || typeof value === "function" ? typeof value : `${typeof value} ${String(value)}`;
  return new FieldError(`field ${tag >>> 3}: ${wanted} expected, not ${got}`);
}
