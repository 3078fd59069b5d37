// Requests that came in one batch with those whose replies the peer does not read: kept aside until it does.
import { IN_ROW_WORDS } from "./wire/frame.js";

/** Some frames of a batch, with memory of their own. */
export interface HeldBatch {
  readonly slab: Buffer;
  readonly table: Uint32Array;
  readonly count: number;
  readonly owned: boolean;
}

/** Copies the rows from `first` on, and their payloads: the batch they are from is valid only during its call. */
export function holdBatch(slab: Buffer, table: Uint32Array, first: number, count: number, owned: boolean): HeldBatch {
  const rows = table.slice(first * IN_ROW_WORDS, count * IN_ROW_WORDS);
  if (owned) return { slab, table: rows, count: count - first, owned };
  let start = slab.length;
  let end = 0;
  for (let at = 0; at < rows.length; at += IN_ROW_WORDS) {
    const offset = rows[at + 2] as number;
    // An oversize frame has a length, but no bytes here.
    if (offset === 0) continue;
    start = Math.min(start, offset);
    end = Math.max(end, offset + (rows[at + 3] as number));
  }
  for (let at = 0; at < rows.length; at += IN_ROW_WORDS) if (rows[at + 2] !== 0) rows[at + 2] = (rows[at + 2] as number) - start;
  return { slab: Buffer.from(slab.subarray(start, Math.max(start, end))), table: rows, count: count - first, owned };
}
