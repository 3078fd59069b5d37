// Random messages of any type, in a form of their own, so that each side under test gets the same values in its own shape.
// The same seed gives the same messages.
import type { Field, Message, Scalar } from "#lib/codegen/ir.js";
import { random } from "../wire/support.js";

export type RandomScalar = number | bigint | boolean | string | Uint8Array;
/** Of a map, in the order in which Go writes them. */
export interface RandomEntry {
  readonly key: RandomScalar;
  readonly value: RandomValue;
}
export type RandomValue = RandomScalar | RandomMessage | readonly RandomEntry[] | readonly RandomValue[];

export interface RandomMessage {
  readonly type: Message;
  /** The fields that are set, also those with implicit presence that are set to their zero. */
  readonly fields: ReadonlyMap<Field, RandomValue>;
}

export interface RandomOptions {
  /** Whether enums take numbers that they have no value for; only for open enums. Default: false. */
  readonly unknownEnumValues?: boolean;
  /** Whether all 64-bit integers have an exact number. Default: those of fields that are numbers by `jstype`. */
  readonly safeIntegers?: boolean;
}

/** Values where encodings change their length, and where arithmetic goes wrong. */
const INT32 = [0, 1, -1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456, 2_147_483_647, -2_147_483_648, -128, 300];
const UINT32 = [0, 1, 127, 128, 16_383, 16_384, 2_097_152, 268_435_456, 2_147_483_647, 2_147_483_648, 4_294_967_295];
const DOUBLES = [0, -0, 1, -1.5, NaN, Infinity, -Infinity, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, Number.EPSILON, 2 ** 53, -(2 ** 63), 1 / 3];
const FLOATS = [0, -0, 1, -1.5, NaN, Infinity, -Infinity, 2 ** -149, 2 ** -126, Math.fround(3.4e38), Math.fround(1 / 3)];
const TEXTS = [
  "",
  "a",
  "__proto__",
  "constructor",
  "toString",
  "10",
  "007",
  "-1",
  "\0",
  "grüße",
  "世界",
  "😀",
  "\u{10ffff}",
  "\ufffd",
  "\ufeff",
  "x".repeat(24),
  "x".repeat(25),
  "x".repeat(42),
  "x".repeat(43),
  "é".repeat(21),
  "世".repeat(43),
  "x".repeat(127),
  "x".repeat(128),
];
const LETTERS = ["a", "b", "Z", "0", " ", "/", "é", "ß", "世", "😀", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\uffff"];
const SIGNED = new Set<Scalar>(["int32", "sint32", "sfixed32", "int64", "sint64", "sfixed64"]);
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Whether values of the type are bigint here. */
export function is64(scalar: Scalar): boolean {
  return scalar.endsWith("64");
}

/** Go's order of map keys. */
function compareKeys(a: RandomScalar, b: RandomScalar): number {
  if (typeof a === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A source of random messages. */
export class RandomMessages {
  readonly #next: () => number;
  readonly #unknownEnumValues: boolean;
  readonly #safeIntegers: boolean;
  /** Fields that the message being made may still have. */
  #budget = 0;

  constructor(seed: number, { unknownEnumValues = false, safeIntegers = false }: RandomOptions = {}) {
    this.#next = random(seed);
    this.#unknownEnumValues = unknownEnumValues;
    this.#safeIntegers = safeIntegers;
  }

  /** From 0 up to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** A message of up to about `fields` fields, submessages' included, and nested `depth` deep at most. */
  message(type: Message, fields = 60, depth = 8): RandomMessage {
    this.#budget = fields;
    return this.#message(type, depth);
  }

  #message(type: Message, depth: number): RandomMessage {
    const fields = new Map<Field, RandomValue>();
    const share = this.pick([0, 0.1, 0.3, 0.6, 1]);
    // Of each oneof, the member that may be set.
    const members = new Map(type.oneofs.map((oneof) => [oneof, this.pick(oneof.fields)]));
    for (const field of type.fields) {
      const wanted = this.chance(share) && this.#budget > 0 && (field.oneof === undefined || members.get(field.oneof) === field);
      const isMessage = field.type.kind === "message";
      if (field.presence !== "required" && (!wanted || (isMessage && depth <= 0))) continue;
      this.#budget--;
      fields.set(field, this.#value(field, depth - 1));
    }
    return { type, fields };
  }

  #value(field: Field, depth: number): RandomValue {
    if (field.cardinality === "singular") return this.#element(field, depth);
    const count = this.pick([0, 1, 1, 2, 3, field.type.kind === "scalar" ? 20 : 3]);
    if (field.cardinality === "repeated") return Array.from({ length: count }, () => this.#element(field, depth));
    const entries = new Map<RandomScalar, RandomEntry>();
    for (let i = 0; i < Math.min(count, 6); i++) {
      const key = this.scalar(field.key ?? "string", field);
      entries.set(key, { key, value: this.#element(field, depth) });
    }
    return [...entries.values()].sort((a, b) => compareKeys(a.key, b.key));
  }

  #element(field: Field, depth: number): RandomValue {
    const { type } = field;
    if (type.kind === "message") return this.#message(type.message, depth);
    if (type.kind === "scalar") return this.scalar(type.scalar, field);
    if (this.#unknownEnumValues && this.chance(0.2)) return this.pick([77, -77, ...INT32]);
    return this.pick(type.enum.values).number;
  }

  /** A value of a type; `field` says whether it has to fit a number. */
  scalar(scalar: Scalar, field?: Field): RandomScalar {
    if (scalar === "bool") return this.chance(0.5);
    if (scalar === "string") return this.#text();
    if (scalar === "bytes") return this.#bytes();
    const edge = this.chance(0.5);
    if (scalar === "double") return edge ? this.pick(DOUBLES) : (this.#next() - 0.5) * 2 ** (this.below(200) - 100);
    if (scalar === "float") return edge ? this.pick(FLOATS) : Math.fround((this.#next() - 0.5) * 2 ** (this.below(100) - 50));
    if (is64(scalar)) {
      const value = this.#int64(SIGNED.has(scalar));
      return this.#safeIntegers || field?.jstype === "number" ? value % SAFE : value;
    }
    if (SIGNED.has(scalar)) return edge ? this.pick(INT32) : (this.#next() * 2 ** 32) | 0;
    return edge ? this.pick(UINT32) : Math.floor(this.#next() * 2 ** 32);
  }

  #int64(signed: boolean): bigint {
    const bits = this.below(65);
    // 2^bits and its neighbours, or anything below it.
    const anything = (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
    const value = this.chance(0.5) ? (1n << BigInt(bits)) + BigInt(this.below(3) - 1) : anything >> BigInt(64 - bits);
    const negated = signed && this.chance(0.3) ? -value : value;
    return signed ? BigInt.asIntN(64, negated) : BigInt.asUintN(64, negated);
  }

  #text(): string {
    if (this.chance(0.4)) return this.pick(TEXTS);
    if (this.chance(0.002)) return "long ".repeat(4000);
    const letters = this.chance(0.5) ? LETTERS.slice(0, 6) : LETTERS;
    return Array.from({ length: this.below(this.pick([10, 40])) }, () => this.pick(letters)).join("");
  }

  #bytes(): Uint8Array {
    // Past 4096 bytes a decoder may hand out views, past 16384 an encoder may not copy.
    const length = this.chance(0.003) ? this.pick([4095, 4096, 20_000]) : this.below(this.pick([1, 4, 40]));
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** A message that contains itself, and that again, `depth` deep, through `field`. */
export function nested(field: Field, depth: number, innermost: RandomMessage): RandomMessage {
  if (field.type.kind !== "message") throw new TypeError(`${field.name} is no message`);
  let message = innermost;
  for (let i = 0; i < depth; i++) {
    const value: RandomValue = field.cardinality === "repeated" ? [message] : field.cardinality === "map" ? [{ key: "", value: message }] : message;
    message = { type: field.type.message, fields: new Map([[field, value]]) };
  }
  return message;
}
