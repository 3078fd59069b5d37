// Reads values from the bytes they arrived in: protobufjs's public Reader methods, where 64-bit integers are bigint, and the
// position that they share with `Reader`.
import { readDouble, readFloat } from "./float.js";
import { int64Words, joinInt64, joinUint64, zigzagDecode } from "./int64.js";
import type { ReadStrings } from "./repeats.js";
import { readUtf8 } from "./utf8.js";
import { malformed, truncated } from "./wire-error.js";

/** Nested groups deeper than this are refused. protobufjs and protobuf-es: 100. */
export const MAX_DEPTH = 100;

/** Below this size a `bytes` field is copied even where a view would be allowed: a small view would keep a large buffer alive. */
const VIEW_BYTES = 4096;

const WIRE_VARINT = 0,
  WIRE_FIXED64 = 1,
  WIRE_BYTES = 2,
  WIRE_GROUP = 3,
  WIRE_FIXED32 = 5;
export const WIRE_END_GROUP = 4;

/** Reads protobuf values; what is around them is `Reader`'s. */
export class ScalarReader {
  buf: Uint8Array;
  pos: number;
  /** End of the message being read; nothing is read beyond it. */
  len: number;
  /** protobufjs: whether unknown fields are dropped. */
  discardUnknown = true;
  /** Whether `buf` belongs to the message for good, so that large `bytes` fields may be views of it. */
  owned: boolean;
  /** Of the reader of connections, whose buffers come in batches. */
  repeats: ReadStrings | undefined;
  /** How many messages of recursive types are being read inside each other. */
  protected depth = 0;

  constructor(buf: Uint8Array, pos = 0, len: number = buf.length, owned = false) {
    this.buf = Buffer.isBuffer(buf) ? buf : Buffer.from(buf.buffer, buf.byteOffset, buf.length);
    this.pos = pos;
    this.len = len;
    this.owned = owned;
  }

  /** Points the reader at `[pos, len)` of another buffer. */
  reset(buf: Buffer, pos: number, len: number, owned: boolean): this {
    this.buf = buf;
    this.pos = pos;
    this.len = len;
    this.owned = owned;
    this.depth = 0;
    return this;
  }

  /** The low 32 bits of a varint of up to ten bytes, as protobuf-go reads 32-bit fields. */
  uint32(): number {
    const { buf } = this;
    const pos = this.pos;
    if (pos < this.len) {
      const byte = buf[pos] as number;
      if (byte < 128) {
        this.pos = pos + 1;
        return byte;
      }
      if (pos + 2 < this.len) {
        const second = buf[pos + 1] as number;
        if (second < 128) {
          this.pos = pos + 2;
          return (byte & 0x7f) | (second << 7);
        }
        const third = buf[pos + 2] as number;
        if (third < 128) {
          this.pos = pos + 3;
          return (byte & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
        }
      }
    }
    this.varint();
    return int64Words[0] as number;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A field's number and wire type. */
  tag(): number {
    const tag = this.varint32("tag");
    if (tag < 8) throw malformed(`field number 0 at ${this.pos}`);
    return tag;
  }

  /** A length, checked against what is left. */
  size(): number {
    const size = this.varint32("length");
    if (size > this.len - this.pos) throw truncated(size, this.pos, this.len);
    return size;
  }

  protected varint32(what: string): number {
    const pos = this.pos;
    if (pos < this.len) {
      const byte = this.buf[pos] as number;
      if (byte < 128) {
        this.pos = pos + 1;
        return byte;
      }
    }
    this.varint();
    if (int64Words[1] !== 0) throw malformed(`${what} over 32 bits at ${pos}`);
    return int64Words[0] as number;
  }

  /** Reads a varint into `int64Words`. protobuf-go: protowire.ConsumeVarint. */
  protected varint(): void {
    const { buf, len } = this;
    const start = this.pos;
    let pos = start;
    let low = 0,
      high = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= len) throw truncated(pos - start + 1, start, len);
      const byte = buf[pos++] as number;
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x7f) << 28;
        high = (byte & 0x7f) >>> 4;
      } else if (shift < 63) high |= (byte & 0x7f) << (shift - 32);
      else {
        if (byte > 1) throw malformed(`varint over 64 bits at ${start}`);
        high |= byte << 31;
      }
      if (byte < 128) break;
    }
    int64Words[0] = low;
    int64Words[1] = high;
    this.pos = pos;
  }

  uint64(): bigint {
    this.varint();
    return joinUint64();
  }

  int64(): bigint {
    this.varint();
    return joinInt64();
  }

  sint64(): bigint {
    this.varint();
    zigzagDecode();
    return joinInt64();
  }

  bool(): boolean {
    this.varint();
    return int64Words[0] !== 0 || int64Words[1] !== 0;
  }

  fixed32(): number {
    return this.sfixed32() >>> 0;
  }

  sfixed32(): number {
    const at = this.take(4);
    const { buf } = this;
    return (buf[at] as number) | ((buf[at + 1] as number) << 8) | ((buf[at + 2] as number) << 16) | ((buf[at + 3] as number) << 24);
  }

  fixed64(): bigint {
    this.words();
    return joinUint64();
  }

  sfixed64(): bigint {
    this.words();
    return joinInt64();
  }

  /** Reads eight bytes into `int64Words`. */
  protected words(): void {
    if (this.pos + 8 > this.len) throw truncated(8, this.pos, this.len);
    const low = this.sfixed32();
    int64Words[1] = this.sfixed32();
    int64Words[0] = low;
  }

  float(): number {
    return readFloat(this.buf, this.take(4));
  }

  double(): number {
    return readDouble(this.buf, this.take(8));
  }

  bytes(): Uint8Array {
    const length = this.size();
    const start = this.pos;
    this.pos = start + length;
    return this.raw(start, this.pos);
  }

  /** The bytes of `[start, end)`: copied, because `buf` is reused, unless `owned` and large. */
  raw(start: number, end: number): Uint8Array {
    const { buf } = this;
    const view = new Uint8Array(buf.buffer, buf.byteOffset + start, end - start);
    if (this.owned && end - start >= VIEW_BYTES) return view;
    return view.slice();
  }

  /** Invalid UTF-8 is an error, as in Go. */
  string(): string {
    const length = this.size();
    const start = this.pos;
    this.pos = start + length;
    return this.repeats === undefined ? readUtf8(this.buf, start, this.pos) : this.repeats.read(this.buf, start, length);
  }

  /** protobufjs's name for `string`. */
  stringVerify(): string {
    return this.string();
  }

  /** Skips `length` bytes, or a varint. */
  skip(length?: number): this {
    if (length === undefined) this.varint();
    else this.take(length);
    return this;
  }

  /** Skips a field's value; groups up to 100 deep. */
  skipType(wireType: number, depth = 0, fieldNumber?: number): this {
    if (depth > MAX_DEPTH) throw malformed(`groups nested over ${MAX_DEPTH} deep`);
    if (wireType === WIRE_VARINT) return this.skip();
    if (wireType === WIRE_FIXED64) return this.skip(8);
    if (wireType === WIRE_BYTES) return this.skip(this.size());
    if (wireType === WIRE_FIXED32) return this.skip(4);
    if (wireType !== WIRE_GROUP) throw malformed(`wire type ${wireType} at ${this.pos}`);
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === WIRE_END_GROUP) {
        if (fieldNumber !== undefined && tag >>> 3 !== fieldNumber) throw malformed(`group ${fieldNumber} ended as ${tag >>> 3}`);
        return this;
      }
      this.skipType(tag & 7, depth + 1, tag >>> 3);
    }
  }

  /** Skips the field whose whole tag was read last. */
  skipField(tag: number): void {
    this.skipType(tag & 7, 0, tag >>> 3);
  }

  /** Advances over `length` bytes and returns where they begin. */
  protected take(length: number): number {
    const at = this.pos;
    if (length > this.len - at) throw truncated(length, at, this.len);
    this.pos = at + length;
    return at;
  }
}
