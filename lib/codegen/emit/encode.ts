// `encode` of a message: fields in order of their numbers, as Go writes them.
import type { Field, Message, Oneof, Scalar } from "../ir.js";
import { byNumber, capitalized, int64Of, is64Bit, optional, packable, scalarWireType, tagOf, unwrapped, wireType } from "./field.js";
import type { Printer } from "./printer.js";
import type { Scope } from "./scope.js";

const END_GROUP = 1; // added to a start tag

export function emitEncode(message: Message, scope: Scope, out: Printer): void {
  const fields = byNumber(message);
  const keeps = scope.options.unknownFields === "keep";
  if (fields.length === 0 && !keeps) {
    out.line("encode: (_m, w) => w,");
    return;
  }
  out.line("encode(m, w) {");
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as Field;
    if (field.oneof === undefined) emitField(message, field, scope, out);
    else {
      // Members with neighbouring numbers share a switch.
      const run = [field];
      while (fields[i + 1]?.oneof === field.oneof) run.push(fields[++i] as Field);
      emitMembers(field.oneof, run, scope, out);
    }
  }
  if (keeps) out.line("if (m.$unknown) for (const v of m.$unknown) w.raw(v);");
  out.line("return w;").line("},");
}

function emitMembers({ property }: Oneof, run: readonly Field[], scope: Scope, out: Printer): void {
  const oneof = `m.${property}`;
  if (run.length === 1) {
    const field = run[0] as Field;
    out.line(`if (${oneof}?.case === "${field.property}") ${block(put(field, `${oneof}.value`, scope))}`);
    return;
  }
  out.line(`switch (${oneof}?.case) {`);
  for (const field of run) out.line(`case "${field.property}": ${braced(put(field, `${oneof}.value`, scope))} break;`);
  out.line("}");
}

function emitField(message: Message, field: Field, scope: Scope, out: Printer): void {
  const value = `m.${field.property}`;
  if (field.cardinality === "map") out.line(`if (${value}) ${putEntries(field, value, scope)}`);
  else if (field.cardinality === "repeated") {
    if (field.packed && packable(field.type))
      out.line(`if (${value}?.length) w.put${capitalized(field.type.kind === "scalar" ? field.type.scalar : "int32")}s(${tagOf(field, true)}, ${value});`);
    else out.line(`if (${value}) for (const v of ${value}) ${block(put(field, "v", scope))}`);
  } else if (field.presence === "required") {
    const missing = `${scope.runtime("missingRequired")}(${JSON.stringify(`${message.typeName}.${field.name}`)})`;
    out.line(`if (${value} === undefined) throw ${missing};`).line(braced(put(field, value, scope)));
  } else out.line(`if (${optional(field) ? `${value} !== undefined` : isSet(field, value, scope)}) ${block(put(field, value, scope))}`);
}

/** Whether a field without presence differs from its zero. */
function isSet(field: Field, value: string, scope: Scope): string {
  return field.type.kind === "scalar" ? isScalarSet(field.type.scalar, field, value, scope) : value;
}

function isScalarSet(scalar: Scalar, field: Field, value: string, scope: Scope): string {
  if (scalar === "bytes") return `${value}?.length`;
  if (scalar === "double" || scalar === "float") return `${scope.runtime("isNonZero")}(${value})`;
  return is64Bit(scalar) && int64Of(field, scope) === "string" ? `${value} && ${value} !== "0"` : value;
}

/** Statements that write one value with its tag. */
function put(field: Field, value: string, scope: Scope): string {
  const tag = tagOf(field);
  const scalar = unwrapped(field);
  if (scalar !== undefined) {
    const inner = `w.put${capitalized(scalar)}(${8 + scalarWireType(scalar)}, ${value});`;
    return `const at = w.openField(${tag}); if (${isScalarSet(scalar, field, value, scope)}) ${inner} w.close(at);`;
  }
  return putValue(field, tag, value, scope, "at");
}

function putValue(field: Field, tag: number, value: string, scope: Scope, at: string): string {
  const { type } = field;
  if (type.kind === "scalar") return `w.put${capitalized(type.scalar)}(${tag}, ${value});`;
  if (type.kind === "enum") return `w.putInt32(${tag}, ${value});`;
  const name = scope.type(type.message);
  if (type.delimited) return `w.uint32(${tag}); ${name}.encode(${value}, w); w.uint32(${tag + END_GROUP});`;
  return `const ${at} = w.openField(${tag}); ${name}.encode(${value}, w); w.close(${at});`;
}

function putEntries(field: Field, value: string, scope: Scope): string {
  const key = field.key as Scalar;
  const isMap = scope.options.maps === "map";
  const isText = key === "string" && field.type.kind === "scalar" && field.type.scalar === "string";
  if (isText && !isMap) return `w.putStringEntries(${tagOf(field)}, ${value});`;
  const each = isMap ? `for (const [k, v] of ${value})` : `for (const k in ${value})`;
  const element = isMap ? "v" : `${value}[k]!`;
  if (isText) return `${each} w.putStringEntry(${tagOf(field)}, k, v);`;
  const valueTag = 16 + wireType(field.type);
  const parts = [
    `const at = w.openField(${tagOf(field)});`,
    `w.put${capitalized(key)}(${8 + scalarWireType(key)}, ${isMap ? "k" : keyFrom(key, scope)});`,
    putValue(field, valueTag, element, scope, "inner"),
    "w.close(at);",
  ];
  return `${each} { ${parts.join(" ")} }`;
}

/** A key as its type, from the property name that it is. */
function keyFrom(key: Scalar, scope: Scope): string {
  if (key === "string") return "k";
  if (key === "bool") return `${scope.runtime("keyBool")}(k)`;
  return `${scope.runtime(is64Bit(key) ? "keyInt64" : "keyInt32")}(k)`;
}

/** Several statements in braces, one as it is. */
function block(statements: string): string {
  return /; ./.test(statements) ? `{ ${statements} }` : statements;
}

function braced(statements: string): string {
  return statements.startsWith("const ") ? `{ ${statements} }` : statements;
}
