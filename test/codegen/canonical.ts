// Encoded messages in one order: fields by number, map entries by their bytes. Go writes members of oneofs last and sorts maps;
// we write fields by number and maps in the order of the object's keys. And all NaNs are one: a JavaScript engine may change
// which at any time, and Go's is another than JavaScript's. Nothing else is changed.
import type { Field, Message } from "#lib/codegen/ir.js";

interface Part {
  /** Undefined if the type has no such field, or one of another wire type: kept as it is, behind the others. */
  readonly field: Field | undefined;
  readonly bytes: Buffer;
}

const byNumber = new WeakMap<Message, ReadonlyMap<number, Field>>();

/** The field that a tag is of, if it has that wire type. */
function fieldOf(type: Message, tag: number): Field | undefined {
  let fields = byNumber.get(type);
  if (fields === undefined) byNumber.set(type, (fields = new Map(type.fields.map((field) => [field.number, field]))));
  const field = fields.get(Math.floor(tag / 8));
  return field !== undefined && wireTypes(field).includes(tag % 8) ? field : undefined;
}

function wireTypes(field: Field): readonly number[] {
  const { type, cardinality } = field;
  if (cardinality === "map") return [2];
  if (type.kind === "message") return [type.delimited ? 3 : 2];
  const scalar = type.kind === "enum" ? "int32" : type.scalar;
  if (scalar === "string" || scalar === "bytes") return [2];
  const own = /^s?fixed64$|^double$/.test(scalar) ? 1 : /^s?fixed32$|^float$/.test(scalar) ? 5 : 0;
  return cardinality === "repeated" ? [own, 2] : [own];
}

/** Reads well-formed bytes; a decoder of its own, so that it shares no mistake with the one under test. */
class Bytes {
  pos = 0;
  readonly buf: Buffer;

  constructor(buf: Buffer) {
    this.buf = buf;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.buf[this.pos++];
      if (byte === undefined) throw new Error("the message ends within a varint");
      value += (byte & 0x7f) * scale;
      if (byte < 128) return value;
    }
  }

  take(length: number): Buffer {
    if (this.pos + length > this.buf.length) throw new Error("the message ends within a field");
    this.pos += length;
    return this.buf.subarray(this.pos - length, this.pos);
  }
}

/** Floats of `size` bytes, one behind the other, each NaN among them as the same one. */
function oneNaN(bytes: Buffer, size: number): Buffer {
  const out = Buffer.from(bytes);
  for (let at = 0; at + size <= out.length; at += size) {
    if (size === 4 && Number.isNaN(out.readFloatLE(at))) out.writeUInt32LE(0x7fc00000, at);
    else if (size === 8 && Number.isNaN(out.readDoubleLE(at))) out.writeBigUInt64LE(0x7ff8000000000000n, at);
  }
  return out;
}

/** The size of the field's values if they are floats. */
function floatSize({ type }: Field): 4 | 8 | undefined {
  if (type.kind !== "scalar") return undefined;
  return type.scalar === "double" ? 8 : type.scalar === "float" ? 4 : undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

function join(parts: readonly Part[]): Buffer {
  const place = ({ field }: Part): number => field?.number ?? Infinity;
  const sorted = parts
    .map((part, index) => ({ part, index }))
    .sort((a, b) => {
      if (place(a.part) !== place(b.part)) return place(a.part) < place(b.part) ? -1 : 1;
      return a.part.field?.cardinality === "map" ? Buffer.compare(a.part.bytes, b.part.bytes) : a.index - b.index;
    });
  return Buffer.concat(sorted.map(({ part }) => part.bytes));
}

function entry(content: Buffer, field: Field): Buffer {
  const bytes = new Bytes(content);
  const parts: Buffer[] = [];
  while (bytes.pos < content.length) {
    const start = bytes.pos;
    const tag = bytes.varint();
    if (tag === 0x12 && field.type.kind === "message") {
      const inner = canonical(bytes.take(bytes.varint()), field.type.message);
      parts.push(Buffer.of(0x12), varint(inner.length), inner);
    } else {
      skip(bytes, tag);
      const part = content.subarray(start, bytes.pos);
      const size = tag === 0x11 || tag === 0x15 ? floatSize(field) : undefined;
      parts.push(size === undefined ? part : Buffer.concat([part.subarray(0, 1), oneNaN(part.subarray(1), size)]));
    }
  }
  return Buffer.concat(parts);
}

function skip(bytes: Bytes, tag: number): void {
  switch (tag % 8) {
    case 0:
      bytes.varint();
      return;
    case 1:
      bytes.take(8);
      return;
    case 2:
      bytes.take(bytes.varint());
      return;
    case 3:
      for (let inner = bytes.varint(); inner !== tag + 1; inner = bytes.varint()) skip(bytes, inner);
      return;
    case 5:
      bytes.take(4);
      return;
    default:
      throw new Error(`wire type ${tag % 8}`);
  }
}

/** Well-formed bytes of a message of this type, in the one order. */
export function canonical(encoded: Uint8Array, type: Message): Buffer {
  return read(new Bytes(Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length)), type);
}

/** Up to the end, or to the end tag of the group that this is. */
function read(bytes: Bytes, type: Message, endTag?: number): Buffer {
  const parts: Part[] = [];
  while (bytes.pos < bytes.buf.length) {
    const start = bytes.pos;
    const tag = bytes.varint();
    if (tag === endTag) return join(parts);
    const field = fieldOf(type, tag);
    parts.push({ field, bytes: Buffer.concat([bytes.buf.subarray(start, bytes.pos), value(bytes, tag, field)]) });
  }
  if (endTag !== undefined) throw new Error("the group does not end");
  return join(parts);
}

/** What is behind a tag. */
function value(bytes: Bytes, tag: number, field: Field | undefined): Buffer {
  const prefixed = (content: Buffer): Buffer => Buffer.concat([varint(content.length), content]);
  if (field?.cardinality === "map") return prefixed(entry(bytes.take(bytes.varint()), field));
  if (field?.type.kind === "message") {
    const inner = field.type.message;
    return tag % 8 === 3 ? Buffer.concat([read(bytes, inner, tag + 1), varint(tag + 1)]) : prefixed(canonical(bytes.take(bytes.varint()), inner));
  }
  const size = field === undefined ? undefined : floatSize(field);
  if (size !== undefined) return tag % 8 === 2 ? prefixed(oneNaN(bytes.take(bytes.varint()), size)) : oneNaN(bytes.take(size), size);
  const start = bytes.pos;
  skip(bytes, tag);
  return bytes.buf.subarray(start, bytes.pos);
}
