// A random message in the shapes of those who encode it: our generated code, and protobufjs.
import protobuf from "protobufjs";
import type { Field, Message } from "#lib/codegen/ir.js";
import { is64, type RandomEntry, type RandomMessage, type RandomScalar, type RandomValue } from "./random.js";

const WRAPPERS = new Set(["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map((name) => `google.protobuf.${name}Value`));
const RESERVED = new Set(["constructor", "toString", "toJSON", "valueOf", "hasOwnProperty", "__proto__"]);

/** The property of a generated message: written a second time, so that the generator's rule has something to be held against. */
export function propertyOf(name: string): string {
  const camel = name.replace(/_+([^_]?)/g, (_, letter: string) => letter.toUpperCase());
  return RESERVED.has(camel) ? `${camel}$` : camel;
}

/** Whether the field is the bare value instead of a wrapper message. */
function isUnboxed(field: Field): boolean {
  return field.cardinality === "singular" && field.oneof === undefined && field.type.kind === "message" && WRAPPERS.has(field.type.message.typeName);
}

function zeroOf(field: Field): RandomScalar {
  if (field.type.kind !== "scalar") return field.type.kind === "enum" ? (field.type.enum.values[0]?.number ?? 0) : 0;
  const { scalar } = field.type;
  if (scalar === "bool") return false;
  if (scalar === "string") return "";
  if (scalar === "bytes") return new Uint8Array(0);
  return is64(scalar) ? 0n : 0;
}

/** Sets an own property of any name. */
function put(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** What the generator's options of these names make of messages. */
export interface Shape {
  readonly int64: "bigint" | "number" | "string";
  readonly maps: "object" | "map";
}

const BIGINTS: Shape = { int64: "bigint", maps: "object" };

function ourScalar(value: RandomScalar, int64: "bigint" | "number" | "string"): unknown {
  if (typeof value !== "bigint" || int64 === "bigint") return value;
  return int64 === "string" ? value.toString() : Number(value);
}

function ourElement(field: Field, value: RandomValue, whole: boolean, shape: Shape): unknown {
  const int64 = field.jstype === "normal" ? shape.int64 : field.jstype;
  if (field.type.kind !== "message") return ourScalar(value as RandomScalar, int64);
  const message = value as RandomMessage;
  if (!isUnboxed(field)) return ours(message, whole, isWellKnown(message) ? BIGINTS : shape);
  const [inner] = message.type.fields as readonly [Field];
  return ourScalar((message.fields.get(inner) as RandomScalar | undefined) ?? zeroOf(inner), int64);
}

/** Whether the message comes with the package, where it was generated with the default options. */
function isWellKnown({ type }: RandomMessage): boolean {
  return /^google\.(protobuf|rpc)\./.test(type.typeName);
}

function ourMap(field: Field, entries: readonly RandomEntry[], whole: boolean, shape: Shape): object {
  if (shape.maps === "map") {
    return new Map(entries.map(({ key, value }) => [ourScalar(key, shape.int64), ourElement(field, value, whole, shape)]));
  }
  const map = {};
  for (const { key, value } of entries) put(map, String(key), ourElement(field, value, whole, shape));
  return map;
}

/**
 * The message as generated code takes it, or `whole`: as generated code returns it, that is with zeros, lists and maps
 * also where nothing is set.
 */
export function ours({ type, fields }: RandomMessage, whole = false, shape: Shape = BIGINTS): object {
  const result = {};
  for (const field of type.fields) {
    const value = fields.get(field);
    const name = propertyOf(field.name);
    const { cardinality } = field;
    if (value === undefined) {
      if (!whole) continue;
      if (cardinality === "repeated") put(result, name, []);
      else if (cardinality === "map") put(result, name, ourMap(field, [], whole, shape));
      else if (field.oneof === undefined && field.presence === "implicit") put(result, name, ourElement(field, zeroOf(field), whole, shape));
    } else if (cardinality === "repeated") {
      put(
        result,
        name,
        (value as RandomValue[]).map((element) => ourElement(field, element, whole, shape)),
      );
    } else if (cardinality === "map") put(result, name, ourMap(field, value as RandomEntry[], whole, shape));
    else if (field.oneof === undefined) put(result, name, ourElement(field, value, whole, shape));
    else put(result, propertyOf(field.oneof.name), { case: name, value: ourElement(field, value, whole, shape) });
  }
  return result;
}

const { Long } = protobuf.util as unknown as { Long: { fromBits(low: number, high: number, unsigned: boolean): object } };

function theirElement(field: Field, value: RandomValue, types: Types): unknown {
  if (field.type.kind === "message") return theirs(value as RandomMessage, types);
  if (typeof value !== "bigint") return value;
  const unsigned = field.type.kind === "scalar" && ["uint64", "fixed64"].includes(field.type.scalar);
  return Long.fromBits(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)), unsigned);
}

/** Finds protobufjs's reflected type of a message, or a class of a static module together with its reflected type. */
export type Types = (type: Message) => protobuf.Type;

/** The message as a plain object that protobufjs encodes, with the names that `types` give the fields. */
export function theirs({ type, fields }: RandomMessage, types: Types): object {
  const result = {};
  const reflected = types(type);
  for (const [field, value] of fields) {
    const name = reflected.fieldsById[field.number]?.name;
    if (name === undefined) throw new Error(`protobufjs has no field ${field.number} of ${type.typeName}`);
    if (field.cardinality === "repeated")
      put(
        result,
        name,
        (value as RandomValue[]).map((element) => theirElement(field, element, types)),
      );
    else if (field.cardinality === "map") {
      const map = {};
      for (const { key, value: element } of value as RandomEntry[]) put(map, String(key), theirElement(field, element, types));
      put(result, name, map);
    } else put(result, name, theirElement(field, value, types));
  }
  return result;
}
