// Decodes messages: what generated code and the envelope need around values. Strings that repeat, packed fields, map entries,
// groups, unknown fields, and the depth of messages inside each other.
import { setEntry } from "./entry.js";
import { lookUp, remember } from "./intern.js";
import { MAX_DEPTH, ScalarReader, WIRE_END_GROUP } from "./scalar-reader.js";
import { readUtf8 } from "./utf8.js";
import { varintBytes, writeVarint32 } from "./varint.js";
import { malformed } from "./wire-error.js";

/** Decodes protobuf fields. Application code gets one from the runtime and only passes it on. */
export class Reader extends ScalarReader {
  /** Throws unless a message, entry or packed field ended where its length said. */
  checkEnd(end: number): void {
    if (this.pos !== end) throw malformed(`a field ends at ${this.pos}, its message at ${end}`);
  }

  /** Begins a message of a recursive type. */
  enter(): void {
    if (++this.depth > MAX_DEPTH) throw malformed(`messages nested over ${MAX_DEPTH} deep`);
  }

  leave(): void {
    this.depth--;
  }

  /** Length of the group that begins here, without its end tag; `skipField` skips that. */
  groupSize(fieldNumber: number): number {
    const start = this.pos;
    for (;;) {
      const at = this.pos;
      const tag = this.tag();
      if ((tag & 7) === WIRE_END_GROUP) {
        if (tag >>> 3 !== fieldNumber) throw malformed(`group ${fieldNumber} ended as ${tag >>> 3}`);
        this.pos = start;
        return at - start;
      }
      this.skipType(tag & 7, 1, tag >>> 3);
    }
  }

  /** Skips the field whose tag was read last, and adds tag and value as they came to `kept`. */
  keepField(tag: number, kept: Uint8Array[] = []): Uint8Array[] {
    const start = this.pos;
    this.skipField(tag);
    const field = new Uint8Array(varintBytes(tag) + this.pos - start);
    field.set(this.buf.subarray(start, this.pos), writeVarint32(field, 0, tag));
    kept.push(field);
    return kept;
  }

  /** An entry of a map of strings. */
  stringEntry(into: Record<string, string>): void {
    const { repeats } = this;
    const start = this.pos;
    const again = repeats?.entryAgain(this.buf, start, this.len);
    if (again !== undefined) {
      this.pos = start + again.bytes;
      setEntry(into, again.key, again.value);
      return;
    }
    const end = this.size() + this.pos;
    let key = "";
    let value = "";
    while (this.pos < end) {
      const tag = this.tag();
      if (tag === 10) key = this.internedString();
      else if (tag === 18) value = this.string();
      else this.skipField(tag);
    }
    this.checkEnd(end);
    repeats?.readEntry(this.buf, start, end - start, key, value);
    setEntry(into, key, value);
  }

  /** A string that is likely to come again: made once. */
  internedString(): string {
    const length = this.size();
    const start = this.pos;
    const end = start + length;
    this.pos = end;
    const known = lookUp(this.buf, start, end);
    if (known !== undefined) return known;
    const text = readUtf8(this.buf, start, end);
    remember(this.buf, start, end, text);
    return text;
  }

  // Packed repeated fields: one length, then the values.

  uint32s(into: number[] = []): number[] {
    return this.packed(into, this.uint32);
  }
  int32s(into: number[] = []): number[] {
    return this.packed(into, this.int32);
  }
  sint32s(into: number[] = []): number[] {
    return this.packed(into, this.sint32);
  }
  uint64s(into: bigint[] = []): bigint[] {
    return this.packed(into, this.uint64);
  }
  int64s(into: bigint[] = []): bigint[] {
    return this.packed(into, this.int64);
  }
  sint64s(into: bigint[] = []): bigint[] {
    return this.packed(into, this.sint64);
  }
  bools(into: boolean[] = []): boolean[] {
    return this.packed(into, this.bool);
  }
  fixed32s(into: number[] = []): number[] {
    return this.packed(into, this.fixed32);
  }
  sfixed32s(into: number[] = []): number[] {
    return this.packed(into, this.sfixed32);
  }
  fixed64s(into: bigint[] = []): bigint[] {
    return this.packed(into, this.fixed64);
  }
  sfixed64s(into: bigint[] = []): bigint[] {
    return this.packed(into, this.sfixed64);
  }
  floats(into: number[] = []): number[] {
    return this.packed(into, this.float);
  }
  doubles(into: number[] = []): number[] {
    return this.packed(into, this.double);
  }

  private packed<V>(into: V[], read: (this: this) => V): V[] {
    const outer = this.len;
    const end = this.size() + this.pos;
    this.len = end;
    while (this.pos < end) into.push(read.call(this));
    this.len = outer;
    return into;
  }
}
