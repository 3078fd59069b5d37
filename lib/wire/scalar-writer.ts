// Writes values in one pass straight into the place they are sent from: protobufjs's public Writer methods, so that
// pbjs static code and reflected protobufjs types run on it unchanged.
import { BufferWriter, REFERENCE_BYTES } from "./buffer-writer.js";
import { writeDouble, writeFloat } from "./float.js";
import { type Int64Like, int64Words, splitInt64, zigzagEncode } from "./int64.js";
import { writeMeasured, writeUtf8 } from "./utf8.js";
import { writeVarint32, writeVarint64 } from "./varint.js";

/** With so many characters, of three bytes each at most, the length surely fits one byte. */
export const SHORT_TEXT = 42;

/** Encodes protobuf values; whole fields are `Writer`'s. */
export class ScalarWriter extends BufferWriter {
  /** Also writes a tag: protobufjs calls `writer.uint32(tag).string(value)`. */
  uint32(value: number): this {
    value >>>= 0;
    if (this.pos + 5 > this.buf.length) this.reserve(5);
    if (value < 0x80) this.buf[this.pos++] = value;
    else this.pos = writeVarint32(this.buf, this.pos, value);
    return this;
  }

  int32(value: number): this {
    value |= 0;
    if (value >= 0) return this.uint32(value);
    this.reserve(10);
    this.pos = writeVarint64(this.buf, this.pos, value >>> 0, 0xffffffff);
    return this;
  }

  sint32(value: number): this {
    return this.uint32((value << 1) ^ (value >> 31));
  }

  uint64(value: Int64Like): this {
    splitInt64(value);
    return this.varintWords();
  }

  int64(value: Int64Like): this {
    splitInt64(value);
    return this.varintWords();
  }

  sint64(value: Int64Like): this {
    splitInt64(value);
    zigzagEncode();
    return this.varintWords();
  }

  /** Writes `int64Words` as a varint. */
  protected varintWords(): this {
    this.reserve(10);
    this.pos = writeVarint64(this.buf, this.pos, int64Words[0] as number, int64Words[1] as number);
    return this;
  }

  bool(value: boolean): this {
    this.reserve(1);
    this.buf[this.pos++] = value ? 1 : 0;
    return this;
  }

  fixed32(value: number): this {
    this.reserve(4);
    const { buf, pos } = this;
    buf[pos] = value;
    buf[pos + 1] = value >>> 8;
    buf[pos + 2] = value >>> 16;
    buf[pos + 3] = value >>> 24;
    this.pos = pos + 4;
    return this;
  }

  sfixed32(value: number): this {
    return this.fixed32(value);
  }

  fixed64(value: Int64Like): this {
    splitInt64(value);
    return this.fixedWords();
  }

  /** Writes `int64Words` as eight bytes. */
  protected fixedWords(): this {
    return this.fixed32(int64Words[0] as number).fixed32(int64Words[1] as number);
  }

  sfixed64(value: Int64Like): this {
    return this.fixed64(value);
  }

  float(value: number): this {
    this.reserve(4);
    writeFloat(this.buf, this.pos, value);
    this.pos += 4;
    return this;
  }

  double(value: number): this {
    this.reserve(8);
    writeDouble(this.buf, this.pos, value);
    this.pos += 8;
    return this;
  }

  /** Length and content. From `REFERENCE_BYTES` on, the content may be sent from where it is: leave it unchanged until then. */
  bytes(value: Uint8Array | readonly number[] | string): this {
    const content = typeof value === "string" ? Buffer.from(value, "base64") : value;
    this.uint32(content.length);
    return this.raw(content);
  }

  /** Content without a length. */
  raw(value: Uint8Array | readonly number[]): this {
    const length = value.length;
    if (length >= REFERENCE_BYTES && this.mayReference && value instanceof Uint8Array) {
      this.references.push({ position: this.pos, bytes: value });
      return this;
    }
    this.reserve(length);
    this.buf.set(value, this.pos);
    this.pos += length;
    return this;
  }

  string(value: string): this {
    if (value.length > SHORT_TEXT) return this.longText(value);
    this.reserve(1 + value.length * 3);
    this.pos = this.shortText(this.pos, value);
    return this;
  }

  /** Writes length and content at `at`, where `1 + 3 * value.length` bytes are free, and returns the position after them. */
  protected shortText(at: number, value: string): number {
    const { buf, repeats } = this;
    const slot = repeats === undefined ? -1 : repeats.slot(buf, at + 1, value.length);
    if (slot >= 0 && repeats?.again(slot, buf, at + 1, value)) {
      buf[at] = value.length;
      return at + 1 + value.length;
    }
    const written = writeUtf8(buf, at + 1, value);
    buf[at] = written;
    if (slot >= 0) repeats?.wrote(slot, buf, at + 1, value, written);
    return at + 1 + written;
  }

  /** Measured first: three bytes for each character would be too much to reserve. */
  protected longText(value: string): this {
    const bytes = Buffer.byteLength(value);
    this.reserve(5 + bytes);
    const start = writeVarint32(this.buf, this.pos, bytes);
    // ASCII of up to 64 bytes may have been written before; its length takes one byte.
    const slot = bytes !== value.length || this.repeats === undefined ? -1 : this.repeats.slot(this.buf, start, bytes);
    if (slot < 0 || this.repeats?.again(slot, this.buf, start, value) !== true) {
      writeMeasured(this.buf, start, value, bytes);
      if (slot >= 0) this.repeats?.wrote(slot, this.buf, start, value, bytes);
    }
    this.pos = start + bytes;
    return this;
  }

  // Packed repeated fields: one length, then the values.

  uint32s(values: readonly number[]): this {
    return this.#packed(values, this.uint32);
  }
  int32s(values: readonly number[]): this {
    return this.#packed(values, this.int32);
  }
  sint32s(values: readonly number[]): this {
    return this.#packed(values, this.sint32);
  }
  uint64s(values: readonly Int64Like[]): this {
    return this.#packed(values, this.uint64);
  }
  int64s(values: readonly Int64Like[]): this {
    return this.#packed(values, this.int64);
  }
  sint64s(values: readonly Int64Like[]): this {
    return this.#packed(values, this.sint64);
  }
  bools(values: readonly boolean[]): this {
    return this.#packed(values, this.bool);
  }
  fixed32s(values: readonly number[]): this {
    return this.#packed(values, this.fixed32);
  }
  sfixed32s(values: readonly number[]): this {
    return this.#packed(values, this.sfixed32);
  }
  fixed64s(values: readonly Int64Like[]): this {
    return this.#packed(values, this.fixed64);
  }
  sfixed64s(values: readonly Int64Like[]): this {
    return this.#packed(values, this.sfixed64);
  }
  floats(values: readonly number[]): this {
    return this.#packed(values, this.float);
  }
  doubles(values: readonly number[]): this {
    return this.#packed(values, this.double);
  }

  #packed<V>(values: readonly V[], write: (this: this, value: V) => this): this {
    const start = this.open();
    for (const value of values) write.call(this, value);
    this.close(start);
    return this;
  }
}
