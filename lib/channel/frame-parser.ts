// Cuts received bytes into frames: the TypeScript twin of native/core/parser. Frames that are complete go up as rows
// over the buffer they lie in; the rest is carried over, or collected in a buffer of exactly its size when large.
import { HEADER_BYTES, IN_ROW_WORDS, KIND_OVERSIZE } from "../wire/frame.js";

/** From this size (with header) an incomplete frame gets a buffer of its own instead of being carried over. */
export const DIRECT_BYTES = 16_384;
const TABLE_ROWS = 4096;

/** Called with complete frames; false means that nobody wants more. */
export type FrameSink = (slab: Buffer, table: Uint32Array, count: number, owned: boolean) => boolean;

/** One table for all parsers of the event loop: it is used up before the next parser runs. */
const table = new Uint32Array(TABLE_ROWS * IN_ROW_WORDS);

/** A large frame that is being collected. */
interface Large {
  readonly buffer: Buffer;
  readonly streamId: number;
  readonly kind: number;
  filled: number;
}

/** The frame parser of one connection. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #maxMessageBytes: number;
  #carry: Buffer | undefined;
  #large: Large | undefined;
  /** Bytes of an oversize payload still to be thrown away. */
  #discard = 0;

  constructor(sink: FrameSink, maxMessageBytes: number) {
    this.#sink = sink;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether a frame has begun and not ended. */
  get partial(): boolean {
    return this.#carry !== undefined || this.#large !== undefined || this.#discard !== 0;
  }

  /** Where the next bytes should be received, if they are part of a large frame. */
  get target(): Buffer | undefined {
    const large = this.#large;
    return large?.buffer.subarray(large.filled);
  }

  /** Takes note of `bytes` bytes received into `target`. */
  received(bytes: number): void {
    const large = this.#large as Large;
    large.filled += bytes;
    if (large.filled === large.buffer.length) this.#deliverLarge(large);
  }

  /** Takes received bytes. */
  push(chunk: Buffer): void {
    let start = 0;
    if (this.#large !== undefined) {
      const taken = chunk.copy(this.#large.buffer, this.#large.filled);
      start = taken;
      this.received(taken);
    }
    if (this.#carry !== undefined) {
      chunk = Buffer.concat([this.#carry, start === 0 ? chunk : chunk.subarray(start)]);
      this.#carry = undefined;
      start = 0;
    }
    this.#parse(chunk, start);
  }

  #parse(buf: Buffer, at: number): void {
    const end = buf.length;
    const wanted = this.#maxMessageBytes;
    let count = 0;
    for (;;) {
      if (this.#discard !== 0) {
        const gone = Math.min(this.#discard, end - at);
        this.#discard -= gone;
        at += gone;
      }
      const left = end - at;
      if (left < HEADER_BYTES) break;
      const length = buf.readUInt32BE(at);
      if (length <= wanted && left - HEADER_BYTES < length) break;
      const row = count * IN_ROW_WORDS;
      table[row] = buf.readUInt32BE(at + 4);
      table[row + 1] = (buf[at + 8] as number) | ((buf[at + 9] as number) << 8);
      table[row + 2] = at + HEADER_BYTES;
      table[row + 3] = length;
      at += HEADER_BYTES;
      if (length > wanted) {
        table[row + 1] = (table[row + 1] as number) | KIND_OVERSIZE;
        table[row + 2] = 0;
        this.#discard = length;
      } else at += length;
      if (++count === TABLE_ROWS) {
        if (!this.#sink(buf, table, count, false)) return;
        count = 0;
      }
    }
    // The rest is kept before the sink runs: it may use the table, or the buffer, again.
    if (at < end) this.#keep(buf, at);
    if (count !== 0) this.#sink(buf, table, count, false);
  }

  #keep(buf: Buffer, at: number): void {
    const left = buf.length - at;
    const length = left < HEADER_BYTES ? 0 : buf.readUInt32BE(at);
    if (HEADER_BYTES + length < DIRECT_BYTES) {
      this.#carry = Buffer.from(buf.subarray(at));
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(length);
    const filled = buf.copy(buffer, 0, at + HEADER_BYTES);
    const kind = (buf[at + 8] as number) | ((buf[at + 9] as number) << 8);
    this.#large = { buffer, streamId: buf.readUInt32BE(at + 4), kind, filled };
  }

  #deliverLarge(large: Large): void {
    this.#large = undefined;
    table[0] = large.streamId;
    table[1] = large.kind;
    table[2] = 0;
    table[3] = large.buffer.length;
    this.#sink(large.buffer, table, 1, true);
  }
}
