// One value of a field, of any type: how it is written, read, copied, and what it is when it is not there.
import { capitalized, is64Bit, packable, scalarWireType, unwrapped } from "../codegen/emit/field.js";
import type { Field, Scalar } from "../codegen/ir.js";
import { emptyBytes, isNonZero, safeNumber } from "../runtime.js";
import { Reader } from "../wire/reader.js";
import { Writer } from "../wire/writer.js";
import type { Properties, ReflectedMessage } from "./message.js";

/** The tag of field 1 in a message, as a wrapper has it; a wire type is added. */
const FIRST_FIELD = 8;
const END_GROUP = 1; // added to a start tag

export interface ValueCodec {
  put(writer: Writer, tag: number, value: unknown): void;
  /** A message goes on from `before`. */
  read(reader: Reader, before: unknown): unknown;
  /** Whether it is written without presence. */
  isSet(value: unknown): boolean;
  zero(): unknown;
  /** A value from what the caller of `create` gave. */
  copy(init: unknown): unknown;
  readonly packed: PackedCodec | undefined;
}

export interface PackedCodec {
  put(writer: Writer, tag: number, values: unknown): void;
  read(reader: Reader, into: unknown[]): void;
}

type Int64Form = "bigint" | "number" | "string";

/** Methods of Reader and Writer are called by the names of scalars. */
const reading = Reader.prototype as unknown as Readonly<Record<string, (this: Reader, into?: unknown[]) => unknown>>;
const writing = Writer.prototype as unknown as Readonly<Record<string, (this: Writer, tag: number, value: unknown) => void>>;

export function valueCodec(field: Field, typeOf: (message: NonNullable<Field["type"] & { kind: "message" }>["message"]) => ReflectedMessage): ValueCodec {
  const { type } = field;
  const int64: Int64Form = field.jstype === "normal" ? "bigint" : field.jstype;
  const wrapped = unwrapped(field);
  if (type.kind === "enum") return { ...scalarCodec("int32", int64), zero: () => type.enum.values[0]?.number ?? 0 };
  if (type.kind === "scalar") return scalarCodec(type.scalar, int64);
  const messageType = (): ReflectedMessage => typeOf(type.message);
  if (wrapped !== undefined) return wrapperCodec(wrapped, int64, messageType);
  return messageCodec(messageType, type.delimited ? field.number : undefined);
}

function scalarCodec(scalar: Scalar, int64: Int64Form): ValueCodec {
  const name = capitalized(scalar);
  const put = writing[`put${name}`] as (this: Writer, tag: number, value: unknown) => void;
  const read = reading[scalar] as (this: Reader) => unknown;
  const form = is64Bit(scalar) ? int64 : "bigint";
  return {
    put: (writer, tag, value) => put.call(writer, tag, value),
    read: (reader) => inForm(read.call(reader), form),
    isSet: (value) => isSet(scalar, value),
    zero: () => zeroOf(scalar, form),
    copy: (init) => init,
    packed: packable({ kind: "scalar", scalar }) ? packedCodec(scalar, form) : undefined,
  };
}

function packedCodec(scalar: Scalar, form: Int64Form): PackedCodec {
  const put = writing[`put${capitalized(scalar)}s`] as (this: Writer, tag: number, value: unknown) => void;
  const read = reading[`${scalar}s`] as (this: Reader, into: unknown[]) => unknown;
  return {
    put: (writer, tag, values) => put.call(writer, tag, values),
    read(reader, into) {
      const before = into.length;
      read.call(reader, into);
      if (form !== "bigint") for (let i = before; i < into.length; i++) into[i] = inForm(into[i], form);
    },
  };
}

function messageCodec(type: () => ReflectedMessage, group: number | undefined): ValueCodec {
  return {
    put(writer, tag, value) {
      if (group !== undefined) {
        writer.uint32(tag);
        type().encode(value as Properties, writer);
        writer.uint32(tag + END_GROUP);
        return;
      }
      const at = writer.openField(tag);
      type().encode(value as Properties, writer);
      writer.close(at);
    },
    read(reader, before) {
      const message = type().decode(reader, group === undefined ? reader.size() : reader.groupSize(group), before as Properties | undefined);
      if (group !== undefined) reader.tag();
      return message;
    },
    isSet: (value) => value !== undefined,
    zero: () => type().create(),
    copy: (init) => type().create(init as Properties),
    packed: undefined,
  };
}

/** A field of a wrapper type is the wrapped value. */
function wrapperCodec(scalar: Scalar, int64: Int64Form, type: () => ReflectedMessage): ValueCodec {
  const inner = scalarCodec(scalar, "bigint");
  const form = is64Bit(scalar) ? int64 : "bigint";
  return {
    ...inner,
    put(writer, tag, value) {
      const at = writer.openField(tag);
      if (isSet(scalar, value)) inner.put(writer, FIRST_FIELD + scalarWireType(scalar), value);
      writer.close(at);
    },
    read(reader, before) {
      const message = type().decode(
        reader,
        reader.size(),
        before === undefined ? undefined : { value: form === "bigint" ? before : BigInt(before as number | string) },
      );
      return inForm(message["value"], form);
    },
    packed: undefined,
  };
}

/** A 64-bit integer in the form that `jstype` asks for. */
function inForm(value: unknown, form: Int64Form): unknown {
  if (form === "bigint") return value;
  return form === "number" ? safeNumber(value as bigint) : String(value);
}

function isSet(scalar: Scalar, value: unknown): boolean {
  if (scalar === "bytes") return value !== undefined && (value as Uint8Array).length !== 0;
  if (scalar === "double" || scalar === "float") return isNonZero(value as number | undefined);
  return Boolean(value) && value !== (is64Bit(scalar) ? "0" : undefined);
}

function zeroOf(scalar: Scalar, form: Int64Form): unknown {
  if (scalar === "string") return "";
  if (scalar === "bool") return false;
  if (scalar === "bytes") return emptyBytes;
  return is64Bit(scalar) ? { bigint: 0n, number: 0, string: "0" }[form] : 0;
}
