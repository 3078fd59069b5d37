// Default values of proto2 and editions, from the text that descriptors give them in.
import { unescape } from "../escapes.js";
import type { Field } from "../ir.js";
import { int64Of, is64Bit } from "./field.js";
import type { Scope } from "./scope.js";

export function defaultLiteral(field: Field, scope: Scope): string {
  const text = field.defaultValue ?? "";
  const { type } = field;
  if (type.kind === "enum") return String(type.enum.values.find(({ name }) => name === text)?.number ?? 0);
  if (type.kind === "message" || type.scalar === "bool") return text;
  if (type.scalar === "string") return JSON.stringify(text);
  if (type.scalar === "bytes") return `${scope.global("Uint8Array")}.of(${[...unescape(text)].join(", ")})`;
  if (is64Bit(type.scalar)) return { bigint: `${text}n`, number: text, string: JSON.stringify(text) }[int64Of(field, scope)];
  if (text === "nan") return scope.global("NaN");
  return text.replace("inf", scope.global("Infinity"));
}
