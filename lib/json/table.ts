// A message's table made ready: names resolved, forms told apart. Once per message type, when it is first converted.
import type { AnyJsonMessage, JsonEnum, JsonField, Scalar } from "./fields.js";
import type { Int64Form } from "./scalars.js";

/** Messages that JSON writes in a way of their own. */
export type Special = "any" | "timestamp" | "duration" | "fieldMask" | "struct" | "value" | "listValue" | "wrapper";

/** A special form in protobuf-go, and only within an Any. */
export const EMPTY = "google.protobuf.Empty";

const specials: ReadonlyMap<string, Special> = new Map<string, Special>([
  ["google.protobuf.Any", "any"],
  ["google.protobuf.Timestamp", "timestamp"],
  ["google.protobuf.Duration", "duration"],
  ["google.protobuf.FieldMask", "fieldMask"],
  ["google.protobuf.Struct", "struct"],
  ["google.protobuf.Value", "value"],
  ["google.protobuf.ListValue", "listValue"],
  ...["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map((kind): [string, Special] => [
    `google.protobuf.${kind}Value`,
    "wrapper",
  ]),
]);

/** How the message of this name is written, where not as an object of its fields. */
export function specialForm(typeName: string): Special | undefined {
  return specials.get(typeName);
}

export type Content =
  | { readonly kind: "scalar"; readonly scalar: Scalar; readonly int64: Int64Form }
  | { readonly kind: "enum"; readonly typeName: string; readonly numbers: ReadonlyMap<string, number>; readonly names: ReadonlyMap<number, string> }
  | { readonly kind: "message"; readonly type: AnyJsonMessage };

export interface Entry {
  readonly field: JsonField;
  readonly jsonName: string;
  readonly protoName: string;
  readonly content: Content;
  /** Whether null is a value, not absence. */
  readonly nullIsValue: boolean;
  /** Whether the field is there even when it is zero. */
  readonly implicit: boolean;
}

export interface Table {
  readonly entries: readonly Entry[];
  /** By JSON name and by name in the .proto. */
  readonly byName: ReadonlyMap<string, Entry>;
}

const tables: WeakMap<AnyJsonMessage, Table> = new WeakMap();

export function tableOf(type: AnyJsonMessage): Table {
  let table = tables.get(type);
  if (table === undefined) tables.set(type, (table = makeTable(type)));
  return table;
}

function makeTable(type: AnyJsonMessage): Table {
  if (typeof type?.fields !== "function") throw new TypeError(`${type?.typeName ?? "the type"} has no table of fields: generate it with the option json`);
  const entries = type.fields().map(makeEntry);
  const byName = new Map<string, Entry>();
  // JSON names win over another field's name in the .proto.
  for (const entry of entries) byName.set(entry.protoName, entry);
  for (const entry of entries) byName.set(entry.jsonName, entry);
  return { entries, byName };
}

function makeEntry(field: JsonField): Entry {
  const content = contentOf(field);
  return {
    field,
    content,
    jsonName: field.json ?? field.name,
    protoName: field.proto ?? field.name,
    nullIsValue: content.kind === "message" ? content.type.typeName === "google.protobuf.Value" : isNullValue(content),
    implicit: content.kind !== "message" && field.oneof === undefined && field.optional === undefined && field.wrapper === undefined,
  };
}

function isNullValue(content: Content): boolean {
  return content.kind === "enum" && content.typeName === "google.protobuf.NullValue";
}

function contentOf({ type, int64 }: JsonField): Content {
  if (typeof type === "string") return { kind: "scalar", scalar: type, int64: int64 ?? "bigint" };
  if (!("values" in type)) return { kind: "message", type };
  return { kind: "enum", typeName: type.typeName, numbers: new Map(Object.entries(type.values)), names: namesOf(type) };
}

/** Of values that share a number, the first. */
function namesOf({ values }: JsonEnum): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [name, number] of Object.entries(values)) if (!names.has(number)) names.set(number, name);
  return names;
}
