// Message types made at run time from the intermediate form. Their messages have the shape of generated ones, and the same bytes.
import { byNumber, is64Bit, optional, scalarWireType, tagOf, unwrapped, wireType } from "../codegen/emit/field.js";
import type { Enum, Field, Message, Oneof } from "../codegen/ir.js";
import { didYouMean } from "../codegen/nearest.js";
import type { JsonEnum, JsonField, JsonMessage } from "../json/fields.js";
import { keyBool, keyInt32, keyInt64, missingRequired, setEntry } from "../runtime.js";
import type { Reader } from "../wire/reader.js";
import type { Writer } from "../wire/writer.js";
import { type ValueCodec, valueCodec } from "./value.js";

/** A message: its fields by the names that generated code gives them. */
export interface Properties {
  [property: string]: unknown;
}

/** A message type of a .proto that was read at run time. Its messages can be written as JSON. */
export type ReflectedMessage = JsonMessage<Properties, Properties>;

/** One field: the things that can be done with it in a message. */
interface Slot {
  readonly property: string;
  /** Of a oneof's member: its case. `property` is the oneof's. */
  readonly case?: string;
  write(message: Properties, writer: Writer): void;
  copy(init: Properties, into: Properties): void;
  /** By tag. A field whose values can be packed has two. */
  readonly readers: readonly (readonly [tag: number, read: (reader: Reader, message: Properties) => void])[];
}

/** All that a message type can do, taken apart. */
interface Made {
  /** In order of field numbers. */
  readonly slots: readonly Slot[];
  readonly readers: ReadonlyMap<number, (reader: Reader, message: Properties) => void>;
  /** The cases of those that are oneofs. */
  readonly properties: ReadonlyMap<string, ReadonlySet<string>>;
}

const types: WeakMap<Message, ReflectedMessage> = new WeakMap();

export function reflectMessage(message: Message): ReflectedMessage {
  let type = types.get(message);
  if (type === undefined) types.set(message, (type = new ReflectedType(message)));
  return type;
}

/** An enum's names and numbers, as JSON needs them. */
export function reflectEnum({ typeName, values }: Enum): JsonEnum {
  return { typeName, values: Object.fromEntries(values.map(({ name, number }) => [name, number])) };
}

/** Its functions may be taken off it, as those of generated types. */
class ReflectedType implements ReflectedMessage {
  readonly typeName: string;
  readonly #message: Message;
  readonly #required: readonly Field[];
  #made: Made | undefined;

  constructor(message: Message) {
    this.#message = message;
    this.typeName = message.typeName;
    this.#required = message.fields.filter(({ presence }) => presence === "required");
  }

  /** Made when first needed: messages may contain each other. */
  get #all(): Made {
    return (this.#made ??= makeAll(this.#message));
  }

  readonly fields = (): readonly JsonField[] => this.#message.fields.map(jsonField);

  readonly create = (init: Properties = {}): Properties => {
    const message: Properties = {};
    for (const slot of this.#all.slots) slot.copy(init, message);
    this.#refuseStrangers(init);
    return message;
  };

  readonly encode = (message: Properties, writer: Writer): Writer => {
    for (const slot of this.#all.slots) slot.write(message, writer);
    this.#refuseStrangers(message);
    return writer;
  };

  readonly decode = (reader: Reader, length: number = reader.len - reader.pos, into?: Properties): Properties => {
    const { recursive } = this.#message;
    if (recursive) reader.enter();
    const end = reader.pos + length;
    const message = into ?? this.create();
    const { readers } = this.#all;
    const seen = this.#required.length === 0 ? undefined : new Set<number>();
    while (reader.pos < end) {
      const tag = reader.tag();
      const read = readers.get(tag);
      if (read === undefined) reader.skipField(tag);
      else {
        read(reader, message);
        seen?.add(tag >>> 3);
      }
    }
    reader.checkEnd(end);
    const missing = into === undefined ? this.#required.find(({ number }) => seen?.has(number) === false) : undefined;
    if (missing !== undefined) throw missingRequired(`${this.typeName}.${missing.name}`);
    if (recursive) reader.leave();
    return message;
  };

  /** No compiler has checked the caller's spelling. */
  #refuseStrangers(message: Properties): void {
    const { properties } = this.#all;
    for (const name in message) {
      if (message[name] === undefined) continue;
      const cases = properties.get(name);
      if (cases === undefined) throw new TypeError(`${this.typeName} has no property ${JSON.stringify(name)}${didYouMean(name, properties.keys())}`);
      if (cases.size === 0) continue;
      const { case: member = "" } = message[name] as Partial<Member>;
      if (!cases.has(member)) throw new TypeError(`oneof ${name} of ${this.typeName} has no case ${JSON.stringify(member)}${didYouMean(member, cases)}`);
    }
  }
}

function makeAll(message: Message): Made {
  const slots = byNumber(message).map((field) => makeSlot(field, message.typeName));
  const properties = new Map<string, Set<string>>();
  for (const { property, case: member } of slots) {
    const cases = properties.get(property) ?? new Set();
    properties.set(property, member === undefined ? cases : cases.add(member));
  }
  return { slots, properties, readers: new Map(slots.flatMap(({ readers }) => readers)) };
}

function makeSlot(field: Field, typeName: string): Slot {
  const codec = valueCodec(field, reflectMessage);
  if (field.cardinality === "map") return mapSlot(field, codec);
  if (field.cardinality === "repeated") return listSlot(field, codec);
  return field.oneof === undefined ? singleSlot(field, codec, typeName) : memberSlot(field, field.oneof, codec);
}

function singleSlot(field: Field, codec: ValueCodec, typeName: string): Slot {
  const { property } = field;
  const tag = tagOf(field);
  const mayLack = optional(field);
  const isRequired = field.presence === "required";
  return {
    property,
    write(message, writer) {
      const value = message[property];
      if (isRequired && value === undefined) throw missingRequired(`${typeName}.${field.name}`);
      if (mayLack || isRequired ? value !== undefined : codec.isSet(value)) codec.put(writer, tag, value);
    },
    copy(init, into) {
      const value = init[property];
      if (value !== undefined) into[property] = codec.copy(value);
      else if (!mayLack) into[property] = codec.zero();
    },
    readers: [[tag, (reader, message) => (message[property] = codec.read(reader, message[property]))]],
  };
}

interface Member {
  readonly case: string;
  readonly value: unknown;
}

function memberSlot(field: Field, oneof: Oneof, codec: ValueCodec): Slot {
  const { property } = oneof;
  const name = field.property;
  const tag = tagOf(field);
  const valueOf = (message: Properties): unknown => {
    const member = message[property] as Member | undefined;
    return member?.case === name ? member.value : undefined;
  };
  return {
    property,
    case: name,
    write(message, writer) {
      const value = valueOf(message);
      if (value !== undefined) codec.put(writer, tag, value);
    },
    copy(init, into) {
      const value = valueOf(init);
      if (value !== undefined) into[property] = { case: name, value: codec.copy(value) };
    },
    readers: [[tag, (reader, message) => (message[property] = { case: name, value: codec.read(reader, valueOf(message)) })]],
  };
}

function listSlot(field: Field, codec: ValueCodec): Slot {
  const { property } = field;
  const tag = tagOf(field);
  const { packed } = codec;
  const packedTag = tagOf(field, true);
  const readers: Slot["readers"][number][] = [[tag, (reader, message) => (message[property] as unknown[]).push(codec.read(reader, undefined))]];
  if (packed !== undefined) readers.push([packedTag, (reader, message) => packed.read(reader, message[property] as unknown[])]);
  return {
    property,
    write(message, writer) {
      const values = message[property] as readonly unknown[] | undefined;
      if (values === undefined || values.length === 0) return;
      if (packed !== undefined && field.packed) packed.put(writer, packedTag, values);
      else for (const value of values) codec.put(writer, tag, value);
    },
    copy(init, into) {
      const values = init[property] as readonly unknown[] | undefined;
      into[property] = values === undefined ? [] : values.map((value) => codec.copy(value));
    },
    readers,
  };
}

function mapSlot(field: Field, codec: ValueCodec): Slot {
  const { property } = field;
  const tag = tagOf(field);
  const { scalar, toKey, codec: keyCodec } = keyOf(field);
  const keyTag = 8 + scalarWireType(scalar);
  const valueTag = 16 + wireType(field.type);
  return {
    property,
    write(message, writer) {
      const map = message[property] as Readonly<Record<string, unknown>> | undefined;
      for (const key in map) {
        const at = writer.openField(tag);
        keyCodec.put(writer, keyTag, toKey(key));
        codec.put(writer, valueTag, map[key]);
        writer.close(at);
      }
    },
    copy(init, into) {
      const map: Properties = {};
      for (const [key, value] of Object.entries(init[property] ?? {})) setEntry(map, key, codec.copy(value));
      into[property] = map;
    },
    readers: [
      [
        tag,
        (reader, message) => {
          const end = reader.size() + reader.pos;
          let key = keyCodec.zero();
          let value: unknown;
          while (reader.pos < end) {
            const inner = reader.tag();
            if (inner === keyTag) key = keyCodec.read(reader, undefined);
            else if (inner === valueTag) value = codec.read(reader, value);
            else reader.skipField(inner);
          }
          reader.checkEnd(end);
          setEntry(message[property] as Properties, String(key), value ?? codec.zero());
        },
      ],
    ],
  };
}

/** A map's key: what it is from the property name that it is in a message. */
function keyOf(field: Field): { scalar: NonNullable<Field["key"]>; toKey: (key: string) => unknown; codec: ValueCodec } {
  const scalar = field.key ?? "string";
  const codec = valueCodec({ ...field, cardinality: "singular", type: { kind: "scalar", scalar }, jstype: "normal" }, reflectMessage);
  const convert = scalar === "bool" ? keyBool : is64Bit(scalar) ? keyInt64 : keyInt32;
  return { scalar, codec, toKey: scalar === "string" ? (key) => key : convert };
}

/** The row of the JSON table that the generator writes for the field. */
function jsonField(field: Field): JsonField {
  const { type, jstype } = field;
  const name = field.property;
  const scalar = unwrapped(field) ?? (type.kind === "scalar" ? type.scalar : undefined);
  const { jsonName } = field;
  return {
    name,
    ...(field.name === name ? {} : { proto: field.name }),
    ...(jsonName === name ? {} : { json: jsonName }),
    type: scalar ?? (type.kind === "enum" ? reflectEnum(type.enum) : reflectMessage((type as { readonly message: Message }).message)),
    ...(unwrapped(field) === undefined ? {} : { wrapper: true }),
    ...(field.cardinality === "repeated" ? { repeated: true } : {}),
    ...(field.key === undefined ? {} : { key: field.key }),
    ...(field.oneof === undefined ? {} : { oneof: field.oneof.property }),
    ...(type.kind !== "message" && field.oneof === undefined && (optional(field) || field.presence === "required") ? { optional: true } : {}),
    ...(jstype !== "normal" && scalar !== undefined && is64Bit(scalar) ? { int64: jstype } : {}),
  };
}
