// Which stream ids a client has used on a connection. Go: lastStreamID in server.go.

/** How many ids that were passed over are remembered. */
const MOST_GAPS = 1_024;

export class StreamIds {
  #last = -1;
  /** Ids below the last that no Request had, in order; only where those may still come. */
  readonly #gaps: Set<number> | undefined;

  constructor(rule: "increasing" | "unused") {
    this.#gaps = rule === "unused" ? new Set() : undefined;
  }

  /** Whether a Request may have this id; notes that it has. Ids are odd. */
  take(id: number): boolean {
    if (id <= this.#last) return this.#gaps?.delete(id) ?? false;
    if (this.#gaps !== undefined) this.#noteGaps(this.#gaps, id);
    this.#last = id;
    return true;
  }

  #noteGaps(gaps: Set<number>, id: number): void {
    for (let gap = Math.max(this.#last + 2, id - 2 * MOST_GAPS); gap < id; gap += 2) gaps.add(gap);
    for (const oldest of gaps) {
      if (gaps.size <= MOST_GAPS) break;
      gaps.delete(oldest);
    }
  }
}
