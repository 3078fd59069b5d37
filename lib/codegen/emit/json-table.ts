// What `toJson` and `fromJson` need to know of a message, as data (`JsonField` in lib/json/fields.ts).
import type { Field, Message } from "../ir.js";
import { int64Of, is64Bit, optional, unwrapped } from "./field.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

export function emitJsonTable(message: Message, scope: Scope, out: Printer): void {
  if (message.fields.length === 0) {
    out.line("fields: () => [],");
    return;
  }
  out.line("fields: () => [");
  for (const field of message.fields) out.line(`{ ${facts(field, scope).join(", ")} },`);
  out.line("],");
}

function facts(field: Field, scope: Scope): string[] {
  const { type } = field;
  const name = field.property;
  const scalar = unwrapped(field);
  const list = [`name: "${name}"`];
  if (field.name !== name) list.push(`proto: "${field.name}"`);
  if (field.jsonName !== name) list.push(`json: ${JSON.stringify(field.jsonName)}`);
  if (scalar !== undefined) list.push(`type: "${scalar}"`, "wrapper: true");
  else if (type.kind === "scalar") list.push(`type: "${type.scalar}"`);
  else list.push(`type: ${type.kind === "enum" ? scope.jsonEnum(type.enum) : scope.type(type.message)}`);
  if (field.cardinality === "repeated") list.push("repeated: true");
  if (field.cardinality === "map") list.push(`key: "${field.key}"`);
  if (field.cardinality === "map" && scope.options.maps === "map") list.push("map: true");
  if (field.oneof !== undefined) list.push(`oneof: "${field.oneof.property}"`);
  else if (type.kind !== "message" && (optional(field) || field.presence === "required")) list.push("optional: true");
  const int64 = int64Of(field, scope);
  const wide = scalar ?? (type.kind === "scalar" ? type.scalar : undefined);
  if (
    int64 !== "bigint" &&
    ((wide !== undefined && is64Bit(wide)) || (field.cardinality === "map" && scope.options.maps === "map" && is64Bit(field.key ?? "bool")))
  ) {
    list.push(`int64: "${int64}"`);
  }
  return list;
}
