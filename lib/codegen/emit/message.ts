// A message: its interfaces, and the object that makes, encodes and decodes it.
import type { Field, Message } from "../ir.js";
import { emitCreate } from "./create.js";
import { emitDecode } from "./decode.js";
import { defaultLiteral } from "./default.js";
import { emitEncode } from "./encode.js";
import { valueType } from "./field.js";
import { emitInterfaces } from "./interfaces.js";
import { emitJsonTable } from "./json-table.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

export function emitMessage(message: Message, scope: Scope, out: Printer): void {
  const name = scope.type(message);
  const defaults = message.fields.filter(({ defaultValue }) => defaultValue !== undefined);
  emitInterfaces(message, scope, out);
  const base = scope.runtime(scope.options.json ? "JsonMessage" : "GeneratedMessage", "type");
  const type = `${base}<${name}, ${scope.init(message)}>${defaultsType(defaults, scope)}`;
  out.doc(message.comment, message.deprecated).line(`export const ${name}: ${type} = {`);
  out.line(`typeName: ${JSON.stringify(message.typeName)},`);
  emitCreate(message, scope, out);
  emitEncode(message, scope, out);
  emitDecode(message, scope, out);
  if (defaults.length !== 0) out.line(`defaults: { ${defaults.map((field) => `${field.property}: ${defaultLiteral(field, scope)}`).join(", ")} },`);
  if (scope.options.json) emitJsonTable(message, scope, out);
  out.line("};");
}

function defaultsType(fields: readonly Field[], scope: Scope): string {
  if (fields.length === 0) return "";
  return ` & { readonly defaults: { ${fields.map((field) => `readonly ${field.property}: ${valueType(field, scope, false)}`).join("; ")} } }`;
}
