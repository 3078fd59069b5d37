// The buffer that messages are written to: room, lengths that are known only afterwards, bytes that are sent from where they lie, and going back.
import type { WrittenStrings } from "./repeats.js";
import { varintBytes, writeVarint32 } from "./varint.js";

/** From this size a `bytes` field is not copied but referenced and sent as a piece of its own. Copying 16 KiB costs about what one more piece in a `sendmsg` does. */
export const REFERENCE_BYTES = 16_384;

/** A bytes field that is sent from where it lies. */
export interface Reference {
  /** Where in the buffer the bytes belong. */
  position: number;
  readonly bytes: Uint8Array;
}

/** What writes into a buffer; values are `ScalarWriter`'s. */
export class BufferWriter {
  /** Where bytes go; grows. */
  buf: Buffer;
  /** Next byte to write. */
  pos = 0;
  /** Large `bytes` fields that are not in `buf`, in order of position. */
  readonly references: Reference[] = [];
  /** Whether large `bytes` fields may be referenced; otherwise they are copied. */
  readonly mayReference: boolean;
  /** Of the writer of connections, which writes many messages one after the other. */
  repeats: WrittenStrings | undefined;
  readonly #forks: number[] = [];

  constructor(buf: Buffer = Buffer.allocUnsafeSlow(256), mayReference = false) {
    this.buf = buf;
    this.mayReference = mayReference;
  }

  /** Bytes written so far (protobufjs). */
  get len(): number {
    return this.lengthSince(0);
  }

  /** Makes room for `bytes` more. */
  reserve(bytes: number): void {
    const needed = this.pos + bytes;
    if (needed > this.buf.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buf.length * 2));
    this.buf.copy(grown, 0, 0, this.pos);
    this.buf = grown;
  }

  /** Bytes written since position `start`, referenced ones included. */
  lengthSince(start: number): number {
    const length = this.pos - start;
    return this.references.length === 0 ? length : length + this.#referencedSince(start);
  }

  #referencedSince(start: number): number {
    let length = 0;
    for (const { position, bytes } of this.references) if (position >= start) length += bytes.length;
    return length;
  }

  /** Leaves `width` bytes for a length that is not known yet; give the result to `close`. */
  open(width = 1): number {
    this.reserve(width);
    this.pos += width;
    return this.pos;
  }

  /** Writes the length of what came since `open` before it and returns it; moves the content if the guess of `width` was wrong. */
  close(start: number, width = 1): number {
    const length = this.pos - start;
    if (length >= 0x80 || width !== 1 || this.references.length !== 0) return this.#closeLong(start, width);
    this.buf[start - 1] = length;
    return length;
  }

  #closeLong(start: number, width: number): number {
    const length = this.lengthSince(start);
    const needed = varintBytes(length);
    if (needed !== width) {
      const shift = needed - width;
      this.reserve(shift > 0 ? shift : 0);
      this.buf.copyWithin(start + shift, start, this.pos);
      for (const reference of this.references) if (reference.position >= start) reference.position += shift;
      this.pos += shift;
    }
    writeVarint32(this.buf, start - width, length);
    return length;
  }

  /** Begins a length-delimited part (protobufjs); `ldelim` ends it. */
  fork(): this {
    this.#forks.push(this.open());
    return this;
  }

  ldelim(): this {
    const start = this.#forks.pop();
    if (start === undefined) throw new Error("ldelim() without fork()");
    this.close(start);
    return this;
  }

  /** Forgets everything since the last `fork`, or all. */
  reset(): this {
    const start = this.#forks.pop() ?? 0;
    // Bytes referenced right before the fork are at its first position, too: those stay.
    this.rewind(start);
    if (start !== 0) this.pos = start - 1;
    return this;
  }

  /** Forgets everything from position `pos` on, open forks included. */
  rewind(pos: number): void {
    this.pos = pos;
    const { references } = this;
    while (references.length !== 0 && (references[references.length - 1] as Reference).position >= pos) references.pop();
    while (this.#forks.length !== 0 && (this.#forks[this.#forks.length - 1] as number) > pos) this.#forks.pop();
  }

  /** A copy of everything written; the writer starts over. For writers that are not the runtime's. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.len);
    this.finishInto(out);
    this.rewind(0);
    return out;
  }

  finishInto<T extends Uint8Array>(target: T, offset = 0): T {
    let from = 0;
    for (const { position, bytes } of this.references) {
      target.set(this.buf.subarray(from, position), offset);
      offset += position - from;
      target.set(bytes, offset);
      offset += bytes.length;
      from = position;
    }
    target.set(this.buf.subarray(from, this.pos), offset);
    return target;
  }
}
