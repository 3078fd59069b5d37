// Takes the trunk's bytes apart: which connection each stretch of them is for. Nothing is allocated for a length that a peer claims.
import { ProtocolError } from "../errors.js";
import { MUX_HEADER_BYTES } from "./frame.js";

/** Takes a piece of a payload, a view of what was read. */
export type PieceSink = (id: number, piece: Buffer) => void;

export class MuxReader {
  readonly #sink: PieceSink;
  readonly #maxPayloadBytes: number;
  readonly #header: Buffer = Buffer.alloc(MUX_HEADER_BYTES);
  #headerBytes = 0;
  #id = 0;
  #payloadBytes = 0;
  /** Bytes of the payload that have not come. */
  #left = 0;

  constructor(sink: PieceSink, maxPayloadBytes: number) {
    this.#sink = sink;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** What an end of the trunk cuts off, if it comes now. */
  get cutOff(): string | undefined {
    if (this.#left !== 0) return `after ${this.#payloadBytes - this.#left} of the ${this.#payloadBytes} bytes of a payload for connection ${this.#id}`;
    return this.#headerBytes === 0 ? undefined : `after ${this.#headerBytes} of the ${MUX_HEADER_BYTES} bytes of a header`;
  }

  /** Takes received bytes. Throws a ProtocolError for a length beyond the limit. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) at += this.#readHeader(chunk, at);
      else {
        const end = Math.min(chunk.length, at + this.#left);
        this.#left -= end - at;
        this.#sink(this.#id, chunk.subarray(at, end));
        at = end;
      }
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#headerBytes, at);
    this.#headerBytes += taken;
    if (this.#headerBytes < MUX_HEADER_BYTES) return taken;
    this.#headerBytes = 0;
    this.#id = this.#header.readUInt32BE(0);
    const bytes = this.#header.readUInt32BE(4);
    if (bytes > this.#maxPayloadBytes) {
      throw new ProtocolError(`a payload of ${bytes} bytes for connection ${this.#id} exceeds the ${this.#maxPayloadBytes} byte limit: protocol error`);
    }
    this.#payloadBytes = bytes;
    this.#left = bytes;
    return taken;
  }
}
