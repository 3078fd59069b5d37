// ttrpc/json: proto3 JSON of generated messages. They need the generator's option `json`.
import type { JsonMessage } from "./fields.js";
import { Place } from "./place.js";
import { JsonReader } from "./read.js";
import { parseText, stringify } from "./text.js";
import type { FromJsonOptions, JsonValue, ToJsonOptions, ToJsonStringOptions } from "./value.js";
import { JsonWriter } from "./write.js";

export type { AnyJsonMessage, JsonEnum, JsonField, JsonMessage, Scalar } from "./fields.js";
export type { FromJsonOptions, JsonObject, JsonValue, ToJsonOptions, ToJsonStringOptions } from "./value.js";
export { createRegistry, type TypeRegistry } from "../wkt/registry.js";

/**
 * A message as a JSON value. Throws InvalidArgument, with the path to the field, for what has no JSON: a Timestamp out of
 * range, an Any whose type is not in the registry, a value of the wrong type.
 */
export function toJson<Init extends object>(type: JsonMessage<object, Init>, message: Init, options: ToJsonOptions = {}): JsonValue {
  return new JsonWriter(options, new Place()).message(type, message);
}

/**
 * A message from a JSON value, as `JSON.parse` gives it. Throws InvalidArgument, with the path to the field. Numbers beyond
 * 2^53 have lost digits in `JSON.parse`: `fromJsonString` keeps them.
 */
export function fromJson<T extends object>(type: JsonMessage<T, never>, json: unknown, options: FromJsonOptions = {}): T {
  return new JsonReader(options, new Place()).message(type, json) as T;
}

/** A message as JSON text. Throws what `toJson` does. */
export function toJsonString<Init extends object>(type: JsonMessage<object, Init>, message: Init, options: ToJsonStringOptions = {}): string {
  return stringify(toJson(type, message, options), " ".repeat(options.indent ?? 0));
}

/** A message from JSON text. Throws what `fromJson` does, and InvalidArgument with line and column for text that is no JSON or has a key twice. */
export function fromJsonString<T extends object>(type: JsonMessage<T, never>, text: string, options: FromJsonOptions = {}): T {
  return fromJson(type, parseText(text), options);
}
