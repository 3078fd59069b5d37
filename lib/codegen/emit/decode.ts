// `decode` of a message: one switch over whole tags, so that a field of another wire type is an unknown one.
import type { Field, Message, Scalar } from "../ir.js";
import { byNumber, int64Of, is64Bit, optional, packable, scalarType, scalarWireType, tagOf, unwrapped, valueType, wireType, zero, zeroValue } from "./field.js";
import { isOneof, members } from "./interfaces.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

export function emitDecode(message: Message, scope: Scope, out: Printer): void {
  const name = scope.type(message);
  const required = message.fields.filter(({ presence }) => presence === "required");
  const literal = members(message)
    .filter((member): member is Field => !isOneof(member) && !optional(member))
    .map((field) => `${field.property}: ${field.cardinality === "singular" && field.type.kind === "message" ? "undefined!" : zero(field, scope)}`);
  const skip = scope.options.unknownFields === "keep" ? "m.$unknown = r.keepField(tag, m.$unknown);" : "r.skipField(tag);";
  out.line("decode(r, length = r.len - r.pos, into) {");
  if (message.recursive) out.line("r.enter();");
  out.line("const end = r.pos + length;");
  out.line(`const m: ${name} = into ?? ${literal.length === 0 ? "{}" : `{ ${literal.join(", ")} }`};`);
  for (let i = 0; i < required.length; i += 32) out.line(`let seen${i >>> 5} = 0;`);
  out.line("while (r.pos < end) {").line("const tag = r.tag();");
  if (message.fields.length === 0) out.line(skip);
  else {
    out.line("switch (tag) {");
    for (const field of byNumber(message)) emitCases(field, required.indexOf(field), scope, out);
    out.line(`default: ${skip}`).line("}");
  }
  out.line("}").line("r.checkEnd(end);");
  for (const [i, field] of required.entries()) {
    const missing = `${scope.runtime("missingRequired")}(${JSON.stringify(`${message.typeName}.${field.name}`)})`;
    out.line(`if (into === undefined && (seen${i >>> 5} & ${1 << i}) === 0) throw ${missing};`);
  }
  if (message.recursive) out.line("r.leave();");
  out.line("return m;").line("},");
}

/** `required`: which of the required fields this is, or -1. */
function emitCases(field: Field, required: number, scope: Scope, out: Printer): void {
  const target = `m.${field.property}`;
  if (field.cardinality === "map") emitEntry(field, target, scope, out);
  else if (field.cardinality === "repeated") {
    out.line(`case ${tagOf(field)}: ${target}.push(${read(field, scope, "")});${endOfGroup(field)} break;`);
    if (packable(field.type)) out.line(`case ${tagOf(field, true)}: ${readPacked(field, target, scope)} break;`);
  } else if (field.oneof !== undefined) {
    const oneof = `m.${field.oneof.property}`;
    const name = field.property;
    const before = field.type.kind === "message" ? `${oneof}?.case === "${name}" ? ${oneof}.value : undefined` : "";
    out.line(`case ${tagOf(field)}: ${oneof} = { case: "${name}", value: ${read(field, scope, before)} };${endOfGroup(field)} break;`);
  } else {
    const seen = required === -1 ? "" : ` seen${required >>> 5} |= ${1 << required};`;
    out.line(`case ${tagOf(field)}: ${target} = ${read(field, scope, target)};${endOfGroup(field)}${seen} break;`);
  }
}

/** An expression that reads one value; a message goes on from `before`. */
function read(field: Field, scope: Scope, before: string): string {
  const { type } = field;
  const scalar = unwrapped(field);
  const int64 = int64Of(field, scope);
  if (scalar !== undefined && type.kind === "message") {
    const wrapper = scope.type(type.message);
    const exact = !is64Bit(scalar) || int64 === "bigint";
    return convert(scalar, int64, `${wrapper}.decode(r, r.size()${exact ? `, ${before} === undefined ? undefined : { value: ${before} }` : ""}).value`, scope);
  }
  if (type.kind === "scalar") return convert(type.scalar, int64, `r.${type.scalar}()`, scope);
  if (type.kind === "enum") return "r.int32()";
  const size = type.delimited ? `r.groupSize(${field.number})` : "r.size()";
  return `${scope.type(type.message)}.decode(r, ${size}${before === "" ? "" : `, ${before}`})`;
}

/** After a group's fields comes its end tag. */
function endOfGroup({ type }: Field): string {
  return type.kind === "message" && type.delimited ? " r.tag();" : "";
}

/** A 64-bit integer in the form asked for. */
function convert(scalar: Scalar, int64: "bigint" | "number" | "string", value: string, scope: Scope): string {
  if (!is64Bit(scalar) || int64 === "bigint") return value;
  return int64 === "number" ? `${scope.runtime("safeNumber")}(${value})` : `\`\${${value}}\``;
}

function readPacked(field: Field, target: string, scope: Scope): string {
  const scalar = field.type.kind === "scalar" ? field.type.scalar : "int32";
  const int64 = int64Of(field, scope);
  if (!is64Bit(scalar) || int64 === "bigint") return `r.${scalar}s(${target});`;
  return `for (const v of r.${scalar}s()) ${target}.push(${convert(scalar, int64, "v", scope)});`;
}

function emitEntry(field: Field, target: string, scope: Scope, out: Printer): void {
  const { type } = field;
  const key = field.key as Scalar;
  const isMap = scope.options.maps === "map";
  if (!isMap && key === "string" && type.kind === "scalar" && type.scalar === "string") {
    out.line(`case ${tagOf(field)}: r.stringEntry(${target}); break;`);
    return;
  }
  const isMessage = type.kind === "message";
  const valueInt64 = int64Of(field, scope);
  out.line(`case ${tagOf(field)}: {`).line("const last = r.size() + r.pos;");
  const keyInt64 = isMap ? scope.options.int64 : "bigint";
  out.line(`let key: ${scalarType(key, keyInt64, scope)} = ${zeroValue({ kind: "scalar", scalar: key }, keyInt64, scope)};`);
  out.line(
    isMessage
      ? `let value: ${valueType(field, scope, false)} | undefined;`
      : `let value: ${valueType(field, scope, false)} = ${zeroValue(type, valueInt64, scope)};`,
  );
  out.line("while (r.pos < last) {").line("const inner = r.tag();");
  const readKey = key === "string" ? "r.internedString()" : convert(key, keyInt64, `r.${key}()`, scope);
  out.line(`if (inner === ${8 + scalarWireType(key)}) key = ${readKey};`);
  out.line(`else if (inner === ${16 + wireType(type)}) value = ${read({ ...field, cardinality: "repeated" }, scope, isMessage ? "value" : "")};`);
  out.line("else r.skipField(inner);").line("}").line("r.checkEnd(last);");
  const value = isMessage ? `value ?? ${zeroValue(type, valueInt64, scope)}` : "value";
  if (isMap) out.line(`${target}.set(key, ${value});`);
  else if (key === "string") out.line(`${scope.runtime("setEntry")}(${target}, key, ${value});`);
  else out.line(`${target}[\`\${key}\`] = ${value};`);
  out.line("break;").line("}");
}
