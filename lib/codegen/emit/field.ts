// What the emitter wants to know of a field: its property, tags, and types in TypeScript.
import type { Field, FieldType, Message, Scalar } from "../ir.js";
import type { Scope } from "./scope.js";

const WIRE_VARINT = 0,
  WIRE_FIXED64 = 1,
  WIRE_BYTES = 2,
  WIRE_GROUP = 3,
  WIRE_FIXED32 = 5;

/** Messages that hold one value and nothing else; as fields they are that value, or absent. */
const WRAPPERS: ReadonlyMap<string, Scalar> = new Map([
  ["google.protobuf.DoubleValue", "double"],
  ["google.protobuf.FloatValue", "float"],
  ["google.protobuf.Int64Value", "int64"],
  ["google.protobuf.UInt64Value", "uint64"],
  ["google.protobuf.Int32Value", "int32"],
  ["google.protobuf.UInt32Value", "uint32"],
  ["google.protobuf.BoolValue", "bool"],
  ["google.protobuf.StringValue", "string"],
  ["google.protobuf.BytesValue", "bytes"],
]);

/** The scalar that a field of a wrapper type is unboxed to. Elements, map values and members of oneofs stay messages. */
export function unwrapped(field: Field): Scalar | undefined {
  if (field.type.kind !== "message" || field.cardinality !== "singular" || field.oneof !== undefined || field.type.delimited) return undefined;
  return WRAPPERS.get(field.type.message.typeName);
}

export function wireType(type: FieldType): number {
  if (type.kind === "message") return type.delimited ? WIRE_GROUP : WIRE_BYTES;
  return type.kind === "enum" ? WIRE_VARINT : scalarWireType(type.scalar);
}

export function scalarWireType(scalar: Scalar): number {
  if (scalar === "string" || scalar === "bytes") return WIRE_BYTES;
  if (scalar === "double" || scalar === "fixed64" || scalar === "sfixed64") return WIRE_FIXED64;
  return scalar === "float" || scalar === "fixed32" || scalar === "sfixed32" ? WIRE_FIXED32 : WIRE_VARINT;
}

/** The tag that the field is written with; packed fields have that of bytes. */
export function tagOf(field: Field, packed = false): number {
  return field.number * 8 + (packed || field.cardinality === "map" ? WIRE_BYTES : wireType(field.type));
}

/** Whether values can be packed. */
export function packable(type: FieldType): boolean {
  return type.kind !== "message" && wireType(type) !== WIRE_BYTES;
}

export function is64Bit(scalar: Scalar): boolean {
  return scalar.endsWith("64");
}

/** How a field's 64-bit integers are given. */
export function int64Of(field: Field, scope: Scope): "bigint" | "number" | "string" {
  return field.jstype === "normal" ? scope.options.int64 : field.jstype;
}

export function scalarType(scalar: Scalar, int64: "bigint" | "number" | "string", scope: Scope): string {
  if (scalar === "string") return "string";
  if (scalar === "bool") return "boolean";
  if (scalar === "bytes") return scope.global("Uint8Array");
  return is64Bit(scalar) ? int64 : "number";
}

/** Type of one value of a field: an element, a map's value. */
export function valueType(field: Field, scope: Scope, init: boolean): string {
  const { type } = field;
  const wrapped = unwrapped(field);
  if (wrapped !== undefined) return scalarType(wrapped, int64Of(field, scope), scope);
  if (type.kind === "scalar") return scalarType(type.scalar, int64Of(field, scope), scope);
  if (type.kind === "enum") return scope.type(type.enum);
  return init ? scope.init(type.message) : scope.type(type.message);
}

/** Type of a map's keys when it is a `Map`. */
export function keyType(field: Field, scope: Scope): string {
  return scalarType(field.key as Scalar, scope.options.int64, scope);
}

/** Type of the property that holds a field. */
export function fieldType(field: Field, scope: Scope, init: boolean): string {
  const value = valueType(field, scope, init);
  if (field.cardinality === "map") {
    if (scope.options.maps === "map") return `${scope.global(init ? "ReadonlyMap" : "Map")}<${keyType(field, scope)}, ${value}>`;
    return `{ ${init ? "readonly " : ""}[key: string]: ${value} }`;
  }
  if (field.cardinality === "singular") return value;
  return `${init ? "readonly " : ""}${value}[]`;
}

/** Whether the property is absent when the field is not set. */
export function optional(field: Field): boolean {
  return field.cardinality === "singular" && field.presence === "explicit";
}

/** The value of a field that is not set. */
export function zero(field: Field, scope: Scope): string {
  if (field.cardinality === "map") return scope.options.maps === "map" ? `new ${scope.global("Map")}()` : "{}";
  if (field.cardinality === "repeated") return "[]";
  const scalar = unwrapped(field);
  if (scalar !== undefined) return zeroValue({ kind: "scalar", scalar }, int64Of(field, scope), scope);
  return zeroValue(field.type, int64Of(field, scope), scope);
}

export function zeroValue(type: FieldType, int64: "bigint" | "number" | "string", scope: Scope): string {
  if (type.kind === "message") return `${scope.type(type.message)}.create()`;
  if (type.kind === "enum") return String(type.enum.values[0]?.number ?? 0);
  const { scalar } = type;
  if (scalar === "string") return '""';
  if (scalar === "bool") return "false";
  if (scalar === "bytes") return scope.runtime("emptyBytes");
  return is64Bit(scalar) ? { bigint: "0n", number: "0", string: '"0"' }[int64] : "0";
}

/** "Int64" of int64: the end of the names of a Writer's methods. */
export function capitalized(scalar: Scalar): string {
  return scalar.charAt(0).toUpperCase() + scalar.slice(1);
}

/** A message's fields as they are written: by number. */
export function byNumber(message: Message): Field[] {
  return [...message.fields].sort((a, b) => a.number - b.number);
}
