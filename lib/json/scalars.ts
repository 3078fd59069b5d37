// Scalars as proto3 JSON: 64-bit integers are strings, bytes base64, what no JSON number is a word.
import type { Scalar } from "./fields.js";
import { shortestFloat } from "../wire/float.js";
import { type Place, show } from "./place.js";

/** What 64-bit integers are in a message. */
export type Int64Form = "bigint" | "number" | "string";

const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,6}))?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Greatest number that rounds to a finite float: what is half a step above the greatest float rounds beyond it. */
const FLOAT_LIMIT = 2 ** 128 - 2 ** 103;

/** Smallest and greatest value of each integer type. */
const ranges: Readonly<Partial<Record<Scalar, readonly [bigint, bigint]>>> = Object.fromEntries(
  (["int32", "sint32", "sfixed32"] as const)
    .map((name): [Scalar, readonly [bigint, bigint]] => [name, [-(2n ** 31n), 2n ** 31n - 1n]])
    .concat((["uint32", "fixed32"] as const).map((name) => [name, [0n, 2n ** 32n - 1n]]))
    .concat((["int64", "sint64", "sfixed64"] as const).map((name) => [name, [-(2n ** 63n), 2n ** 63n - 1n]]))
    .concat((["uint64", "fixed64"] as const).map((name) => [name, [0n, 2n ** 64n - 1n]])),
);

export function is64Bit(scalar: Scalar): boolean {
  return scalar.endsWith("64");
}

/** Whether a field without explicit presence is not written. Negative zero is. */
export function isZero(scalar: Scalar, value: unknown): boolean {
  if (typeof value === "number") return Object.is(value, 0);
  if (value instanceof Uint8Array) return value.length === 0;
  return value === "" || value === false || value === 0n || (value === "0" && is64Bit(scalar));
}

/** The integer that a decimal number is, `1e3` and `1.0` included; undefined if it is none, or absurdly large. */
export function parseInteger(text: string): bigint | undefined {
  const found = DECIMAL.exec(text);
  if (found === null) return undefined;
  const [, sign, whole, fraction = "", power = "0"] = found;
  const all = `${whole}${fraction}`;
  const digits = all.replace(/0+$/, "");
  if (digits === "") return 0n;
  const exponent = Number(power) - fraction.length + (all.length - digits.length);
  if (exponent < 0 || exponent + digits.length > 40) return undefined;
  return BigInt(`${sign}${digits}${"0".repeat(exponent)}`);
}

function toInteger(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" ? parseInteger(value) : undefined;
}

/** An integer within its type's range. */
function integer(scalar: Scalar, value: unknown, place: Place): bigint {
  const whole = toInteger(value);
  if (whole === undefined) throw place.error(`${show(value)} is no ${scalar}`);
  const [least, most] = ranges[scalar] as readonly [bigint, bigint];
  if (whole < least || whole > most) throw place.error(`${show(value)} is out of range of ${scalar}, ${least} to ${most}`);
  return whole;
}

function inForm(value: bigint, form: Int64Form, place: Place): bigint | number | string {
  if (form === "bigint") return value;
  if (form === "string") return String(value);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw place.error(`${value} has no exact number`);
  return number;
}

function readFloat(scalar: "float" | "double", json: unknown, place: Place): number {
  if (json === "NaN") return NaN;
  if (json === "Infinity") return Infinity;
  if (json === "-Infinity") return -Infinity;
  const given = typeof json === "string" && DECIMAL.test(json) ? Number(json) : typeof json === "bigint" ? Number(json) : json;
  if (typeof given !== "number" || Number.isNaN(given)) throw place.error(`${show(json)} is no ${scalar}`);
  if (!Number.isFinite(given) || (scalar === "float" && Math.abs(given) >= FLOAT_LIMIT)) throw place.error(`${show(json)} is out of range of ${scalar}`);
  return scalar === "float" ? Math.fround(given) : given;
}

function readBytes(json: unknown, place: Place): Uint8Array {
  const padding = typeof json === "string" ? BASE64.exec(json)?.[1]?.length : undefined;
  const text = json as string;
  const valid = padding !== undefined && (padding === 0 ? text.length % 4 !== 1 : text.length % 4 === 0);
  if (!valid) throw place.error(`${show(json)} is no base64`);
  // A copy: small Buffers share memory.
  return new Uint8Array(Buffer.from(text, "base64"));
}

export function checkString(value: unknown, place: Place): string {
  if (typeof value !== "string") throw place.error(`${show(value)} is no string`);
  if (LONE_SURROGATE.test(value)) throw place.error(`${show(value)} has half a surrogate pair`);
  return value;
}

function checkBool(value: unknown, place: Place): boolean {
  if (typeof value !== "boolean") throw place.error(`${show(value)} is no bool`);
  return value;
}

export function readScalar(scalar: Scalar, json: unknown, form: Int64Form, place: Place): unknown {
  if (scalar === "string") return checkString(json, place);
  if (scalar === "bytes") return readBytes(json, place);
  if (scalar === "bool") return checkBool(json, place);
  if (scalar === "float" || scalar === "double") return readFloat(scalar, json, place);
  const whole = integer(scalar, json, place);
  return is64Bit(scalar) ? inForm(whole, form, place) : Number(whole);
}

function writeFloat(scalar: "float" | "double", value: unknown, place: Place): number | string {
  if (typeof value !== "number") throw place.error(`${show(value)} is no ${scalar}`);
  const finite = scalar === "float" ? Math.fround(value) : value;
  if (!Number.isFinite(finite)) return String(finite);
  return scalar === "float" ? shortestFloat(value) : value;
}

function writeBytes(value: unknown, place: Place): string {
  if (!(value instanceof Uint8Array)) throw place.error(`${show(value)} is no Uint8Array`);
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
}

export function writeScalar(scalar: Scalar, value: unknown, place: Place): string | number | boolean {
  if (scalar === "string") return checkString(value, place);
  if (scalar === "bytes") return writeBytes(value, place);
  if (scalar === "bool") return checkBool(value, place);
  if (scalar === "float" || scalar === "double") return writeFloat(scalar, value, place);
  const whole = integer(scalar, value, place);
  return is64Bit(scalar) ? String(whole) : Number(whole);
}

/** A map's key from the JSON key that it is. */
export function readKey(scalar: Scalar, key: string, form: Int64Form, place: Place): string | number | bigint | boolean {
  if (scalar === "string") return checkString(key, place);
  if (scalar === "bool") {
    if (key !== "true" && key !== "false") throw place.error(`key ${show(key)} is no bool`);
    return key === "true";
  }
  if (!/^-?\d{1,40}$/.test(key)) throw place.error(`key ${show(key)} is no ${scalar}`);
  const whole = integer(scalar, BigInt(key), place);
  return is64Bit(scalar) ? inForm(whole, form, place) : Number(whole);
}
