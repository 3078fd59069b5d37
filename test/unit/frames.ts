// Frames as bytes, and what a parser makes of them, for the unit tests of the channels.
import { FrameParser } from "#lib/channel/frame-parser.js";
import { HEADER_BYTES, IN_ROW_WORDS, KIND_OVERSIZE, writeHeader } from "#lib/wire/frame.js";

export interface Frame {
  readonly streamId: number;
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

export function frame(streamId: number, payload: Buffer | string = "", type = 3, flags = 0): Frame {
  return { streamId, type, flags, payload: Buffer.from(payload) };
}

export function encode(...frames: readonly Frame[]): Buffer {
  return Buffer.concat(
    frames.map(({ streamId, type, flags, payload }) => {
      const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
      writeHeader(bytes, 0, payload.length, streamId, type | (flags << 8));
      payload.copy(bytes, HEADER_BYTES);
      return bytes;
    }),
  );
}

/** A row of the table, with its payload; `discarded` is the length of one that was over the limit. */
export interface Row {
  readonly streamId: number;
  readonly type: number;
  readonly flags: number;
  readonly payload: string;
  readonly discarded?: number;
}

export function rowOf({ streamId, type, flags, payload }: Frame): Row {
  return { streamId, type, flags, payload: payload.toString("latin1") };
}

export function discarded(streamId: number, length: number, type = 3, flags = 0): Row {
  return { streamId, type, flags, payload: "", discarded: length };
}

/** A parser that keeps what it hands up. */
export class Recorder {
  readonly rows: Row[] = [];
  /** Rows of each call, and whether the buffer was the frame's own. */
  readonly batches: { readonly count: number; readonly owned: boolean; readonly slab: Buffer }[] = [];
  readonly parser: FrameParser;
  /** What the sink answers: whether more is wanted. */
  wantsMore = true;

  constructor(maxMessageBytes: number) {
    this.parser = new FrameParser((slab, table, count, owned) => {
      this.batches.push({ count, owned, slab });
      for (let at = 0; at < count * IN_ROW_WORDS; at += IN_ROW_WORDS) {
        const [streamId, kind, offset, length] = table.subarray(at, at + IN_ROW_WORDS) as unknown as [number, number, number, number];
        const common = { streamId, type: kind & 0xff, flags: (kind >> 8) & 0xff };
        if ((kind & KIND_OVERSIZE) !== 0) this.rows.push({ ...common, payload: "", discarded: length });
        else this.rows.push({ ...common, payload: slab.toString("latin1", offset, offset + length) });
      }
      return this.wantsMore;
    }, maxMessageBytes);
  }

  push(...chunks: readonly Buffer[]): this {
    // A copy that is overwritten afterwards: the parser may keep nothing of the slab that it was given.
    for (const chunk of chunks) {
      const slab = Buffer.from(chunk);
      this.parser.push(slab);
      slab.fill(0xee);
    }
    return this;
  }
}

/** `bytes` in pieces of `size`. */
export function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
