// The interface of a message, and that of what it can be made from.
import type { Field, Message, Oneof } from "../ir.js";
import { fieldType, optional, valueType } from "./field.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

export function emitInterfaces(message: Message, scope: Scope, out: Printer): void {
  const name = scope.type(message);
  const keeps = scope.options.unknownFields === "keep";
  out.doc(message.comment, message.deprecated);
  if (message.fields.length === 0 && !keeps) {
    out.line(`export interface ${name} {}`).line(`export interface ${scope.init(message)} {}`);
    return;
  }
  out.line(`export interface ${name} {`);
  for (const member of members(message)) {
    const { comment, deprecated } = member;
    if (isOneof(member)) out.doc(comment).line(`${member.property}?: ${oneofType(member, scope, false)};`);
    else out.doc(comment, deprecated, ...defaultTag(member)).line(`${member.property}${optional(member) ? "?" : ""}: ${fieldType(member, scope, false)};`);
  }
  if (keeps) out.doc("Fields that the .proto does not know: tag and value of each, as they came.").line(`$unknown?: ${scope.global("Uint8Array")}[];`);
  out.line("}");
  out.line(`export interface ${scope.init(message)} {`);
  for (const member of members(message)) {
    const { comment, deprecated } = member;
    out.doc(comment, !isOneof(member) && deprecated);
    if (isOneof(member)) out.line(`readonly ${member.property}?: ${oneofType(member, scope, true)} | undefined;`);
    else if (member.presence === "required") out.line(`readonly ${member.property}: ${fieldType(member, scope, true)};`);
    else out.line(`readonly ${member.property}?: ${fieldType(member, scope, true)} | undefined;`);
  }
  if (keeps) out.line(`readonly $unknown?: readonly ${scope.global("Uint8Array")}[] | undefined;`);
  out.line("}");
}

/** Fields and oneofs, a oneof in place of its first member. */
export function members(message: Message): (Field | Oneof)[] {
  return message.fields.flatMap((field): (Field | Oneof)[] => {
    if (field.oneof === undefined) return [field];
    return field.oneof.fields[0] === field ? [field.oneof] : [];
  });
}

export function isOneof(member: Field | Oneof): member is Oneof {
  return "fields" in member;
}

function oneofType(oneof: Oneof, scope: Scope, init: boolean): string {
  const readonly = init ? "readonly " : "";
  return oneof.fields.map((field) => `{ ${readonly}case: "${field.property}"; ${readonly}value: ${valueType(field, scope, init)} }`).join(" | ");
}

function defaultTag(field: Field): string[] {
  return field.defaultValue === undefined ? [] : [`@default ${JSON.stringify(field.defaultValue)}`];
}
