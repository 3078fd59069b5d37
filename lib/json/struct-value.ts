// google.protobuf.Struct, Value and ListValue are JSON already.
import type { ListValue, Struct, Value } from "../wkt/google/protobuf/struct_ttrpc.js";
import { setEntry } from "../wire/entry.js";
import { type Place, show } from "./place.js";
import { checkString } from "./scalars.js";
import type { JsonObject, JsonValue } from "./value.js";

export function readStruct(json: unknown, place: Place): Struct {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw place.error(`${show(json)} is no object`);
  place.down();
  const fields: { [key: string]: Value } = {};
  for (const [key, item] of Object.entries(json)) {
    if (item === undefined) continue;
    place.key(key);
    setEntry(fields, checkString(key, place), readValue(item, place));
    place.leave();
  }
  place.up();
  return { fields };
}

export function readList(json: unknown, place: Place): ListValue {
  if (!Array.isArray(json)) throw place.error(`${show(json)} is no array`);
  place.down();
  const values = json.map((item, index) => {
    place.index(index);
    const value = readValue(item, place);
    place.leave();
    return value;
  });
  place.up();
  return { values };
}

export function readValue(json: unknown, place: Place): Value {
  place.down();
  const value: Value = { kind: readKind(json, place) };
  place.up();
  return value;
}

function readKind(json: unknown, place: Place): NonNullable<Value["kind"]> {
  if (json === null) return { case: "nullValue", value: 0 };
  if (typeof json === "string") return { case: "stringValue", value: checkString(json, place) };
  if (typeof json === "boolean") return { case: "boolValue", value: json };
  if (typeof json === "number" || typeof json === "bigint") return { case: "numberValue", value: finite(Number(json), place) };
  if (typeof json !== "object") throw place.error(`${typeof json} is no JSON`);
  return Array.isArray(json) ? { case: "listValue", value: readList(json, place) } : { case: "structValue", value: readStruct(json, place) };
}

function finite(value: number, place: Place): number {
  if (!Number.isFinite(value)) throw place.error(`${value} is no JSON number`);
  return value;
}

export function writeStruct(struct: { readonly fields?: { readonly [key: string]: StructValue } | undefined }, place: Place): JsonObject {
  place.down();
  const json: { [key: string]: JsonValue } = {};
  for (const [key, value] of Object.entries(struct.fields ?? {})) {
    place.key(key);
    setEntry(json, key, writeValue(value, place));
    place.leave();
  }
  place.up();
  return json;
}

export function writeList(list: { readonly values?: readonly StructValue[] | undefined }, place: Place): JsonValue[] {
  place.down();
  const json = (list.values ?? []).map((value, index) => {
    place.index(index);
    const item = writeValue(value, place);
    place.leave();
    return item;
  });
  place.up();
  return json;
}

/** A Value, or what one can be made from. */
export interface StructValue {
  readonly kind?: { readonly case: string; readonly value: unknown } | undefined;
}

export function writeValue({ kind }: StructValue, place: Place): JsonValue {
  place.down();
  const json = kind === undefined ? undefined : writeKind(kind.case, kind.value, place);
  place.up();
  if (json === undefined) throw place.error("a google.protobuf.Value without a kind is no JSON");
  return json;
}

function writeKind(kind: string, value: unknown, place: Place): JsonValue | undefined {
  switch (kind) {
    case "nullValue":
      return null;
    case "stringValue":
      return checkString(value, place);
    case "boolValue":
      return Boolean(value);
    case "numberValue":
      return finite(Number(value), place);
    case "structValue":
      return writeStruct(value as Struct, place);
    case "listValue":
      return writeList(value as ListValue, place);
    default:
      return undefined;
  }
}
