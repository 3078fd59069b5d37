// Messages, their fields and oneofs, and extensions.
import type { DescriptorProto, FieldDescriptorProto } from "../descriptor.js";
import {
  DescriptorProto as DescriptorProtoType,
  DescriptorProto_ExtensionRange,
  DescriptorProto_ReservedRange,
  FieldDescriptorProto as FieldDescriptorProtoType,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldOptions,
  MessageOptions,
  OneofDescriptorProto,
  OneofOptions,
} from "../descriptor.js";
import { expect, expected, here, identifier, int32, stringLiteral, take, typeReference } from "./cursor.js";
import { defaultValue } from "./default-value.js";
import { type Place, SyntaxProblem } from "./diagnostics.js";
import { parseEnum, parseReserved, rangeEnd } from "./enum-parser.js";
import { readOption } from "./options.js";
import type { ParserState, Path, Scope } from "./parser-state.js";

/** protoc's limit: messages in messages. */
const MAX_NESTING = 31;
const MAX_FIELD = 536_870_911;

/** Types that are keywords. */
export const scalarTypes: Readonly<Record<string, Type>> = Object.assign(Object.create(null) as Record<string, Type>, {
  double: Type.DOUBLE,
  float: Type.FLOAT,
  int32: Type.INT32,
  int64: Type.INT64,
  uint32: Type.UINT32,
  uint64: Type.UINT64,
  sint32: Type.SINT32,
  sint64: Type.SINT64,
  fixed32: Type.FIXED32,
  fixed64: Type.FIXED64,
  sfixed32: Type.SFIXED32,
  sfixed64: Type.SFIXED64,
  bool: Type.BOOL,
  string: Type.STRING,
  bytes: Type.BYTES,
  group: Type.GROUP,
});

export function parseMessage(s: ParserState, scope: Scope<DescriptorProto>, depth: number): void {
  const { t } = s;
  t.next();
  const message = DescriptorProtoType.create();
  const place = here(t);
  const path = [...scope.path, scope.nested, scope.messages.length];
  message.name = identifier(t, "a message name");
  s.marks.set(message, { name: place });
  scope.messages.push(message);
  messageBlock(s, message, path, depth, place);
}

function messageBlock(s: ParserState, message: DescriptorProto, path: Path, depth: number, place: Place): void {
  if (depth > MAX_NESTING) throw new SyntaxProblem(place, `messages are nested more than ${MAX_NESTING} deep`);
  s.end("{", path);
  s.block("message", place, () => messageStatement(s, message, path, depth));
  if (s.proto3) addSyntheticOneofs(message);
}

function messageStatement(s: ParserState, message: DescriptorProto, path: Path, depth: number): void {
  const { t } = s;
  const scope: Scope<DescriptorProto> = { messages: message.nestedType, path, nested: 3 };
  s.visibility();
  switch (t.text) {
    case "message":
      return parseMessage(s, scope, depth + 1);
    case "enum":
      return parseEnum(s, message.enumType, [...path, 4, message.enumType.length]);
    case "extensions":
      return parseExtensions(s, message);
    case "reserved":
      return reservedOfMessage(s, message);
    case "extend":
      return parseExtend(s, message.extension, scope, depth);
    case "option":
      return s.optionStatement("message", () => (message.options ??= MessageOptions.create()));
    case "oneof":
      return parseOneof(s, message, path, depth);
    default:
      parseField(s, message.field, [...path, 2, message.field.length], scope, depth, undefined);
  }
}

function parseOneof(s: ParserState, message: DescriptorProto, path: Path, depth: number): void {
  const { t } = s;
  t.next();
  const oneof = OneofDescriptorProto.create();
  const index = message.oneofDecl.length;
  const place = here(t);
  oneof.name = identifier(t, "a oneof name");
  s.marks.set(oneof, { name: place });
  message.oneofDecl.push(oneof);
  s.end("{", [...path, 8, index]);
  let members = 0;
  s.block("oneof", place, () => {
    if (t.text === "option") {
      s.optionStatement("oneof", () => (oneof.options ??= OneofOptions.create()));
      return;
    }
    if (t.text === "required" || t.text === "optional" || t.text === "repeated") {
      throw new SyntaxProblem(here(t), "fields in oneofs must not have labels (required, optional, repeated)");
    }
    members++;
    parseField(s, message.field, [...path, 2, message.field.length], { messages: message.nestedType, path, nested: 3 }, depth, index);
  });
  if (members === 0) throw new SyntaxProblem(place, "a oneof must have at least one field");
}

function parseLabel(s: ParserState, field: FieldDescriptorProto): void {
  const { t } = s;
  const { text } = t;
  if (text !== "optional" && text !== "repeated" && text !== "required") return;
  if (s.editions && text === "optional") {
    throw new SyntaxProblem(here(t), '"optional" is not supported in editions: fields have presence unless features.field_presence says otherwise');
  }
  if (s.editions && text === "required") {
    throw new SyntaxProblem(here(t), '"required" is not supported in editions: use features.field_presence = LEGACY_REQUIRED');
  }
  if (s.proto3 && text === "required") throw new SyntaxProblem(here(t), "required fields are not allowed in proto3");
  field.label = text === "optional" ? Label.OPTIONAL : text === "repeated" ? Label.REPEATED : Label.REQUIRED;
  if (s.proto3 && text === "optional") field.proto3Optional = true;
  t.next();
}

function parseField(
  s: ParserState,
  fields: FieldDescriptorProto[],
  path: Path | undefined,
  scope: Scope<DescriptorProto>,
  depth: number,
  oneof: number | undefined,
): FieldDescriptorProto {
  const { t } = s;
  const field = FieldDescriptorProtoType.create();
  const start = here(t);
  if (oneof === undefined) parseLabel(s, field);
  else {
    field.label = Label.OPTIONAL;
    field.oneofIndex = oneof;
  }
  const type = here(t);
  const entry = fieldType(s, field);
  const name = here(t);
  field.name = identifier(t, "a field name");
  if (!take(t, "=")) expected(t, '"=" and a field number');
  const number = here(t);
  field.number = int32(t, "a field number");
  fields.push(field);
  const mark = parseFieldOptions(s, field);
  s.marks.set(field, mark === undefined ? { name, number, type } : { name, number, type, default: mark });
  if (field.type === Type.GROUP) parseGroup(s, field, scope, depth, name, start);
  else s.end(";", path);
  if (entry !== undefined) {
    entry.name = `${upperCamelCase(field.name)}Entry`;
    field.typeName = entry.name;
    s.marks.set(entry, { name });
    for (const part of entry.field) s.marks.set(part, { name, number, type });
    scope.messages.push(entry);
  }
  return field;
}

/** Reads a field's type; of a map, gives its entry message. */
function fieldType(s: ParserState, field: FieldDescriptorProto): DescriptorProto | undefined {
  const { t } = s;
  if (t.text === "map") {
    const place = here(t);
    t.next();
    if (s.at("<")) return mapType(s, field, place);
    // A type called "map".
    field.typeName = "map";
  } else {
    const scalar = scalarTypes[t.text];
    if (scalar === undefined) field.typeName = typeReference(t, "a type name");
    else {
      if (scalar === Type.GROUP) refuseGroup(s);
      field.type = scalar;
      t.next();
    }
  }
  if (field.label === undefined) {
    if (!s.editions && !s.proto3) throw new SyntaxProblem(here(t), 'expected "required", "optional" or "repeated" before the type of a proto2 field');
    field.label = Label.OPTIONAL;
  }
  return undefined;
}

function refuseGroup(s: ParserState): void {
  if (s.proto3) throw new SyntaxProblem(here(s.t), "groups are not supported in proto3");
  if (s.editions) throw new SyntaxProblem(here(s.t), "groups are not supported in editions: use features.message_encoding = DELIMITED");
}

function mapType(s: ParserState, field: FieldDescriptorProto, place: Place): DescriptorProto {
  const { t } = s;
  if (field.oneofIndex !== undefined) throw new SyntaxProblem(place, "map fields are not allowed in oneofs");
  if (field.label !== undefined) throw new SyntaxProblem(place, "labels (required, optional, repeated) are not allowed on map fields");
  field.label = Label.REPEATED;
  const entry = DescriptorProtoType.create();
  entry.options = MessageOptions.create();
  entry.options.mapEntry = true;
  const part = (name: string, number: number): void => {
    const type = FieldDescriptorProtoType.create();
    type.name = name;
    type.number = number;
    type.label = Label.OPTIONAL;
    const scalar = scalarTypes[t.text];
    if (scalar === undefined) type.typeName = typeReference(t, "a type name");
    else if (scalar === Type.GROUP) expected(t, "a type name");
    else {
      type.type = scalar;
      t.next();
    }
    entry.field.push(type);
  };
  expect(t, "<");
  const keyPlace = here(t);
  part("key", 1);
  const key = entry.field[0]?.type;
  if (key === undefined || key === Type.DOUBLE || key === Type.FLOAT || key === Type.BYTES) {
    throw new SyntaxProblem(keyPlace, "keys of maps cannot be float, double, bytes, enums or messages");
  }
  expect(t, ",");
  part("value", 2);
  expect(t, ">");
  return entry;
}

/** Gives the place of a default value. */
function parseFieldOptions(s: ParserState, field: FieldDescriptorProto): Place | undefined {
  const { t } = s;
  let place: Place | undefined;
  if (!take(t, "[")) return undefined;
  do {
    if (t.text === "default") {
      place = here(t);
      if (field.defaultValue !== undefined) throw new SyntaxProblem(place, 'option "default" was already set');
      if (s.proto3) throw new SyntaxProblem(place, "explicit default values are not allowed in proto3");
      if (field.label === Label.REPEATED) throw new SyntaxProblem(place, "repeated fields cannot have default values");
      t.next();
      expect(t, "=");
      field.defaultValue = defaultValue(t, field.type);
    } else if (t.text === "json_name") {
      if (field.jsonName !== undefined) throw new SyntaxProblem(here(t), 'option "json_name" was already set');
      t.next();
      expect(t, "=");
      field.jsonName = stringLiteral(t, "a string for the JSON name");
    } else s.apply("field", () => (field.options ??= FieldOptions.create()));
  } while (take(t, ","));
  expect(t, "]");
  return place;
}

/** A group is a field and a nested message at once, and it is the message that has the comments. */
function parseGroup(s: ParserState, field: FieldDescriptorProto, scope: Scope<DescriptorProto>, depth: number, place: Place, start: Place): void {
  const name = field.name ?? "";
  if (!/^[A-Z]/.test(name)) throw new SyntaxProblem(place, "group names must start with a capital letter");
  const group = DescriptorProtoType.create();
  group.name = name;
  field.name = name.toLowerCase();
  field.typeName = name;
  const path = [...scope.path, scope.nested, scope.messages.length];
  scope.messages.push(group);
  s.marks.set(group, { name: place });
  if (s.t.text !== "{") expected(s.t, "the body of the group");
  messageBlock(s, group, path, depth + 1, start);
}

export function parseExtend(s: ParserState, extensions: FieldDescriptorProto[], scope: Scope<DescriptorProto>, depth: number): void {
  const { t } = s;
  t.next();
  const place = here(t);
  const extendee = typeReference(t, "a message type");
  s.end("{", undefined);
  s.block("extend", place, () => {
    const field = parseField(s, extensions, undefined, scope, depth, undefined);
    field.extendee = extendee;
  });
}

function parseExtensions(s: ParserState, message: DescriptorProto): void {
  const { t } = s;
  t.next();
  do {
    const range = DescriptorProto_ExtensionRange.create();
    range.start = int32(t, "a field number range");
    range.end = (take(t, "to") ? rangeEnd(s, () => int32(t, "an integer"), MAX_FIELD) : range.start) + 1;
    message.extensionRange.push(range);
  } while (take(t, ","));
  if (take(t, "[")) {
    do readOption(t);
    while (take(t, ","));
    expect(t, "]");
  }
  s.end(";", undefined);
}

function reservedOfMessage(s: ParserState, message: DescriptorProto): void {
  const { t } = s;
  parseReserved(s, message, () => {
    const range = DescriptorProto_ReservedRange.create();
    range.start = int32(t, "a field name or number range");
    range.end = (take(t, "to") ? rangeEnd(s, () => int32(t, "an integer"), MAX_FIELD) : range.start) + 1;
    message.reservedRange.push(range);
  });
}

/** proto3 `optional` is a oneof of one field. The names are protoc's. */
function addSyntheticOneofs(message: DescriptorProto): void {
  if (!message.field.some((field) => field.proto3Optional === true)) return;
  const names = new Set([...message.field, ...message.oneofDecl].map(({ name }) => name));
  for (const field of message.field) {
    if (field.proto3Optional !== true) continue;
    let name = field.name ?? "";
    if (!name.startsWith("_")) name = `_${name}`;
    while (names.has(name)) name = `X${name}`;
    names.add(name);
    field.oneofIndex = message.oneofDecl.length;
    const oneof = OneofDescriptorProto.create();
    oneof.name = name;
    message.oneofDecl.push(oneof);
  }
}

function upperCamelCase(name: string): string {
  return name.replace(/(?:^|_)_*([^_]?)/g, (_, letter: string) => letter.replace(/[a-z]/, (c) => c.toUpperCase()));
}
