// Cuts what a connection sends into payloads of the multiplexer, along its ttrpc frames. A Go peer takes a payload in one read,
// and fails when its buffer is smaller: while nothing of a ttrpc frame has come that is 4096 bytes, from then on all that the frame
// still lacks. So small ttrpc frames go whole, several to a payload, and a large one as its first 4096 bytes and the rest.
import { HEADER_BYTES } from "../wire/frame.js";
import { READ_BUFFER_BYTES } from "./frame.js";

/** Bytes of a ttrpc frame that say how long it is. */
const LENGTH_BYTES = 4;

/** Takes one payload: its parts in order, `bytes` in all. */
export type PayloadSink = (bytes: number, parts: readonly Buffer[]) => void;

export class FrameCutter {
  readonly #sink: PayloadSink;
  readonly #maxPayloadBytes: number;
  /** What has not been sent, in order: from the byte `#at` of the chunk `#first` on. None is empty. */
  #chunks: Buffer[] = [];
  #first = 0;
  #at = 0;
  #bytes = 0;
  /** What a large frame, whose beginning has been sent, still lacks. */
  #rest = 0;

  constructor(sink: PayloadSink, maxPayloadBytes: number) {
    this.#sink = sink;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** Whether a ttrpc frame has begun and not ended. */
  get partial(): boolean {
    return this.#bytes !== 0 || this.#rest !== 0;
  }

  /** Sends all that can be sent. The beginning of a frame that is not whole is kept, as a copy of 4095 bytes at most. */
  push(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
    /** Whole small frames at the beginning of what there is. */
    let small = 0;
    for (;;) {
      if (this.#rest !== 0) {
        if (this.#bytes === 0) break;
        this.#rest -= this.#send(Math.min(this.#rest, this.#bytes, this.#maxPayloadBytes));
        continue;
      }
      const left = this.#bytes - small;
      if (left < LENGTH_BYTES) break;
      const frameBytes = HEADER_BYTES + this.#lengthAt(small);
      if (left < Math.min(frameBytes, READ_BUFFER_BYTES)) break;
      if (small !== 0 && small + frameBytes > READ_BUFFER_BYTES) {
        this.#send(small);
        small = 0;
      }
      if (frameBytes <= READ_BUFFER_BYTES) small += frameBytes;
      else this.#rest = frameBytes - this.#send(READ_BUFFER_BYTES);
    }
    if (small !== 0) this.#send(small);
    this.#keep();
  }

  #lengthAt(offset: number): number {
    let at = this.#at + offset;
    let i = this.#first;
    for (; at >= (this.#chunks[i] as Buffer).length; i++) at -= (this.#chunks[i] as Buffer).length;
    const chunk = this.#chunks[i] as Buffer;
    if (at + LENGTH_BYTES <= chunk.length) return chunk.readUInt32BE(at);
    return Buffer.concat(this.#chunks.slice(i, i + LENGTH_BYTES)).readUInt32BE(at);
  }

  #send(bytes: number): number {
    const parts: Buffer[] = [];
    for (let left = bytes; left > 0; ) {
      const chunk = this.#chunks[this.#first] as Buffer;
      const end = Math.min(chunk.length, this.#at + left);
      parts.push(chunk.subarray(this.#at, end));
      left -= end - this.#at;
      this.#at = end;
      if (end === chunk.length) {
        this.#first++;
        this.#at = 0;
      }
    }
    this.#bytes -= bytes;
    this.#sink(bytes, parts);
    return bytes;
  }

  /** The writer may use its buffers again. */
  #keep(): void {
    const [first, ...others] = this.#chunks.slice(this.#first);
    this.#chunks = first === undefined ? [] : [Buffer.concat([first.subarray(this.#at), ...others])];
    this.#first = 0;
    this.#at = 0;
  }
}
