// google.protobuf.FieldMask: paths in the names of the .proto, in JSON in those of JSON.
import { Code, TtrpcError } from "../errors.js";
import type { JsonMessage } from "../json/fields.js";
import { type Entry, tableOf } from "../json/table.js";
import { setEntry } from "../wire/entry.js";
import type { FieldMask, FieldMaskInit } from "./google/protobuf/field_mask_ttrpc.js";

type Properties = Record<string, unknown>;

const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** A mask of paths with names as in the .proto: `fieldMaskOf("spec.image_name", "labels")`. */
export function fieldMaskOf(...paths: readonly string[]): FieldMask {
  return { paths: [...paths] };
}

/** From what JSON has: paths in lowerCamelCase with commas between, "spec.imageName,labels". Throws InvalidArgument. */
export function fieldMaskFromString(text: string): FieldMask {
  if (text.trim() === "") return { paths: [] };
  return {
    paths: text
      .trim()
      .split(",")
      .map((path) => {
        if (!PATH.test(path) || path.includes("_")) throw invalid(path, "is no path in lowerCamelCase");
        return snakeCase(path);
      }),
  };
}

/** As JSON has it. Throws InvalidArgument for paths that would not be the same when read back. */
export function fieldMaskToString({ paths = [] }: FieldMaskInit): string {
  return paths
    .map((path) => {
      const camel = camelCase(path);
      if (!PATH.test(path) || snakeCase(camel) !== path) throw invalid(path, "has no form in lowerCamelCase");
      return camel;
    })
    .join(",");
}

/**
 * Copies the fields that the mask names from one message into another and returns that: into a new one, if none is given.
 * A field that `from` does not have is cleared; messages and arrays are shared, not copied. What follows the name of a map
 * field is a key of it. A mask without paths copies nothing.
 *
 * Throws InvalidArgument for a path that is none of the type's. Needs a type generated with the option `json`.
 */
export function applyFieldMask<T extends object>(type: JsonMessage<T, never>, mask: FieldMaskInit, from: T, into: T = type.create()): T {
  for (const path of mask.paths ?? []) copyPath(type, path, path, from as Properties, into as Properties);
  return into;
}

function copyPath(type: JsonMessage<object, never>, path: string, rest: string, from: Properties, into: Properties): void {
  const dot = rest.indexOf(".");
  const name = dot < 0 ? rest : rest.slice(0, dot);
  const entry = tableOf(type).byName.get(name);
  if (entry === undefined) throw invalid(path, `names "${name}", and ${type.typeName} has no such field`);
  if (dot < 0) return copyField(entry, from, into);
  const { field, content } = entry;
  const below = rest.slice(dot + 1);
  if (field.key !== undefined) return copyEntry(below, from[field.name], into[field.name]);
  if (content.kind !== "message" || field.repeated === true) throw invalid(path, `goes into "${name}", which is no message`);
  const source = valueOf(entry, from);
  const target = valueOf(entry, into) ?? (source === undefined ? undefined : content.type.create());
  if (target === undefined) return;
  copyPath(content.type, path, below, (source ?? content.type.create()) as Properties, target as Properties);
  setValue(entry, into, target);
}

function copyField(entry: Entry, from: Properties, into: Properties): void {
  const value = valueOf(entry, from);
  if (value !== undefined) setValue(entry, into, value);
  else if (valueOf(entry, into) !== undefined) delete into[entry.field.oneof ?? entry.field.name];
}

function copyEntry(key: string, from: unknown, into: unknown): void {
  if (into instanceof Map && from instanceof Map) {
    const typed = [...(from as Map<unknown, unknown>).keys(), ...(into as Map<unknown, unknown>).keys()].find((known) => String(known) === key);
    if (from.has(typed)) (into as Map<unknown, unknown>).set(typed, from.get(typed));
    else into.delete(typed);
  } else if (Object.hasOwn(from as Properties, key)) setEntry(into as Properties, key, (from as Properties)[key]);
  else delete (into as Properties)[key];
}

function valueOf({ field }: Entry, message: Properties): unknown {
  if (field.oneof === undefined) return message[field.name];
  const member = message[field.oneof] as { readonly case: string; readonly value: unknown } | undefined;
  return member?.case === field.name ? member.value : undefined;
}

function setValue({ field }: Entry, message: Properties, value: unknown): void {
  if (field.oneof === undefined) message[field.name] = value;
  else message[field.oneof] = { case: field.name, value };
}

/** protobuf-go: strs.JSONCamelCase. */
function camelCase(path: string): string {
  return path.replace(/_+([a-z]?)/g, (_, letter: string) => letter.toUpperCase());
}

/** protobuf-go: strs.JSONSnakeCase. */
function snakeCase(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function invalid(path: string, why: string): TtrpcError {
  return new TtrpcError(Code.InvalidArgument, `field mask path ${JSON.stringify(path)} ${why}`);
}
