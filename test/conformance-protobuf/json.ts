// JSON for the testee: generated types with a table, and all of `ttrpc/wkt` for what is in an Any.
import { type AnyJsonMessage, createRegistry, fromJsonString, toJsonString } from "#lib/json/index.js";
import * as wellKnown from "#lib/wkt/index.js";

export function isJsonType(type: object): type is AnyJsonMessage {
  return "fields" in type && typeof type.fields === "function";
}

/** The types in an Any: those given, and the well-known ones. */
function registryOf(types: Iterable<object>): ReturnType<typeof createRegistry> {
  const all: unknown[] = [...types, ...Object.values(wellKnown)];
  return createRegistry(...all.filter((type): type is AnyJsonMessage => typeof type === "object" && type !== null && isJsonType(type)));
}

let registry: ReturnType<typeof createRegistry> | undefined;

export function fromJsonText(type: AnyJsonMessage, text: string, types: ReadonlyMap<string, object>, ignoreUnknownFields: boolean): object {
  registry ??= registryOf(types.values());
  return fromJsonString(type, text, { registry, ignoreUnknownFields });
}

export function toJsonText(type: AnyJsonMessage, message: object, types: ReadonlyMap<string, object>): string {
  registry ??= registryOf(types.values());
  return toJsonString(type, message as never, { registry });
}
