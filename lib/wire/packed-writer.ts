// Packed lists, as generated code writes them: one tag, one length, then the values, each checked.
import { checkInt32, checkNumber, checkUint32, type Int64Value, splitSigned, splitUnsigned, splitZigzag } from "./checks.js";
import { ScalarWriter } from "./scalar-writer.js";
import { writeVarint32 } from "./varint.js";

/** Bytes of the longest tag. */
export const TAG_BYTES = 5;

/** Writes lists; single fields are `Writer`'s. */
export class PackedWriter extends ScalarWriter {
  /** Begins a field of known end only: a message, a map entry, packed values. Give the result to `close`. */
  openField(tag: number): number {
    const at = this.startField(tag, 1);
    this.pos = at + 1;
    return at + 1;
  }

  putInt32s(tag: number, values: readonly number[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      checkInt32(tag, value);
      this.int32(value);
    }
    this.close(at);
  }

  putUint32s(tag: number, values: readonly number[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      checkUint32(tag, value);
      this.uint32(value);
    }
    this.close(at);
  }

  putSint32s(tag: number, values: readonly number[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      checkInt32(tag, value);
      this.sint32(value);
    }
    this.close(at);
  }

  putFixed32s(tag: number, values: readonly number[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      checkUint32(tag, value);
      this.fixed32(value);
    }
    this.close(at);
  }

  putSfixed32s(tag: number, values: readonly number[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      checkInt32(tag, value);
      this.fixed32(value);
    }
    this.close(at);
  }

  putFloats(tag: number, values: readonly number[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      checkNumber(tag, value);
      this.float(value);
    }
    this.close(at);
  }

  putDoubles(tag: number, values: readonly number[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      checkNumber(tag, value);
      this.double(value);
    }
    this.close(at);
  }

  putBools(tag: number, values: readonly boolean[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      this.bool(value);
    }
    this.close(at);
  }

  putInt64s(tag: number, values: readonly Int64Value[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      splitSigned(tag, value);
      this.varintWords();
    }
    this.close(at);
  }

  putUint64s(tag: number, values: readonly Int64Value[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      splitUnsigned(tag, value);
      this.varintWords();
    }
    this.close(at);
  }

  putSint64s(tag: number, values: readonly Int64Value[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      splitZigzag(tag, value);
      this.varintWords();
    }
    this.close(at);
  }

  putFixed64s(tag: number, values: readonly Int64Value[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      splitUnsigned(tag, value);
      this.fixedWords();
    }
    this.close(at);
  }

  putSfixed64s(tag: number, values: readonly Int64Value[]): void {
    const at = this.openField(tag);
    for (const value of values) {
      splitSigned(tag, value);
      this.fixedWords();
    }
    this.close(at);
  }

  /** Makes room for a tag and `bytes` more, writes the tag, and returns where the value goes. */
  protected startField(tag: number, bytes: number): number {
    if (this.pos + TAG_BYTES + bytes > this.buf.length) this.reserve(TAG_BYTES + bytes);
    return this.writeTag(tag);
  }

  protected writeTag(tag: number): number {
    if (tag > 0x7f) return writeVarint32(this.buf, this.pos, tag);
    this.buf[this.pos] = tag;
    return this.pos + 1;
  }
}
