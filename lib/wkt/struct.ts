// google.protobuf.Struct, Value and ListValue as the JSON that they stand for.
import { Place } from "../json/place.js";
import { readList, readStruct, readValue, writeList, writeStruct, writeValue } from "../json/struct-value.js";
import type { JsonObject, JsonValue } from "../json/value.js";
import type { ListValue, ListValueInit, Struct, StructInit, Value, ValueInit } from "./google/protobuf/struct_ttrpc.js";

/** Throws InvalidArgument, with the path, for what is no JSON: NaN, functions, over 100 levels. Properties that are undefined are left out. */
export function structFromJson(json: JsonObject): Struct {
  return readStruct(json, new Place());
}

/** Throws InvalidArgument, with the path, for a Value without a kind and for numbers that JSON does not have. */
export function structToJson(struct: StructInit): JsonObject {
  return writeStruct(struct, new Place());
}

/** Throws what `structFromJson` does. */
export function valueFromJson(json: JsonValue): Value {
  return readValue(json, new Place());
}

/** Throws what `structToJson` does. */
export function valueToJson(value: ValueInit): JsonValue {
  return writeValue(value, new Place());
}

/** Throws what `structFromJson` does. */
export function listValueFromJson(json: readonly JsonValue[]): ListValue {
  return readList(json, new Place());
}

/** Throws what `structToJson` does. */
export function listValueToJson(list: ListValueInit): JsonValue[] {
  return writeList(list, new Place());
}
