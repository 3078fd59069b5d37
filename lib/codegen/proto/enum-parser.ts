// Enums, and what enums and messages set aside: `reserved`.
import type { EnumDescriptorProto, EnumValueDescriptorProto } from "../descriptor.js";
import {
  EnumDescriptorProto as EnumDescriptorProtoType,
  EnumDescriptorProto_EnumReservedRange,
  EnumOptions,
  EnumValueDescriptorProto as EnumValueDescriptorProtoType,
  EnumValueOptions,
} from "../descriptor.js";
import { expect, expected, here, identifier, signedInt32, stringLiteral, take } from "./cursor.js";
import { SyntaxProblem } from "./diagnostics.js";
import type { ParserState, Path } from "./parser-state.js";

export function parseEnum(s: ParserState, enums: EnumDescriptorProto[], path: Path): void {
  const { t } = s;
  t.next();
  const type = EnumDescriptorProtoType.create();
  const place = here(t);
  type.name = identifier(t, "an enum name");
  s.marks.set(type, { name: place });
  enums.push(type);
  s.end("{", path);
  s.block("enum", place, () => {
    if (t.text === "option") s.optionStatement("enum", () => (type.options ??= EnumOptions.create()));
    else if (t.text === "reserved") reservedOfEnum(s, type);
    else enumValue(s, type.value, [...path, 2, type.value.length]);
  });
}

function enumValue(s: ParserState, values: EnumValueDescriptorProto[], path: Path): void {
  const { t } = s;
  const value = EnumValueDescriptorProtoType.create();
  const name = here(t);
  value.name = identifier(t, "an enum value's name");
  if (!take(t, "=")) expected(t, '"=" and a number');
  const number = here(t);
  value.number = signedInt32(t, "a number");
  s.marks.set(value, { name, number });
  values.push(value);
  if (take(t, "[")) {
    do s.apply("value", () => (value.options ??= EnumValueOptions.create()));
    while (take(t, ","));
    expect(t, "]");
  }
  s.end(";", path);
}

function reservedOfEnum(s: ParserState, type: EnumDescriptorProto): void {
  const { t } = s;
  parseReserved(s, type, () => {
    const range = EnumDescriptorProto_EnumReservedRange.create();
    range.start = signedInt32(t, "a value name or number range");
    range.end = take(t, "to") ? rangeEnd(s, () => signedInt32(t, "an integer"), 2_147_483_647) : range.start;
    type.reservedRange.push(range);
  });
}

export function parseReserved(s: ParserState, declaration: { reservedName: string[] }, range: () => void): void {
  const { t } = s;
  t.next();
  const { kind } = t;
  if (kind === "string" && s.editions) throw new SyntaxProblem(here(t), "reserved names must be identifiers in editions, not strings");
  if (kind === "identifier" && !s.editions) throw new SyntaxProblem(here(t), "reserved names must be strings (only editions have identifiers)");
  do {
    if (kind === "string") declaration.reservedName.push(stringLiteral(t, "a name in quotes"));
    else if (kind === "identifier") declaration.reservedName.push(identifier(t, "a name"));
    else range();
  } while (take(t, ","));
  s.end(";", undefined);
}

export function rangeEnd(s: ParserState, read: () => number, max: number): number {
  return take(s.t, "max") ? max : read();
}
