// What is in flight on a connection, by stream id. A Map would be right and simpler, but it rehashes every few dozen
// calls: at 64 in flight a quarter of the client's time went into collecting its old tables (docs/performance.md).

const EMPTY = 0; // stream ids are odd
/** Few: an idle connection has two tables. */
const INITIAL_SLOTS = 8;
/** 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e3779b1;

/**
 * Open addressing with linear probing. Ids come in order: taken as they are they would fill neighbouring slots, and taking one
 * out would look at all behind it (with 512 in flight, half of a client's time). Multiplied by the golden ratio they lie apart.
 */
export class StreamTable<T> {
  #ids: Uint32Array = new Uint32Array(INITIAL_SLOTS);
  #values: (T | undefined)[] = new Array<T | undefined>(INITIAL_SLOTS).fill(undefined);
  #mask = INITIAL_SLOTS - 1;
  #shift = 32 - Math.log2(INITIAL_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(streamId: number): T | undefined {
    const ids = this.#ids;
    for (let at = this.#home(streamId); ; at = (at + 1) & this.#mask) {
      const id = ids[at];
      if (id === streamId) return this.#values[at];
      if (id === EMPTY) return undefined;
    }
  }

  /** `streamId` must not be in the table. */
  add(streamId: number, value: T): void {
    if (this.#size * 2 >= this.#ids.length) this.#grow();
    let at = this.#home(streamId);
    while (this.#ids[at] !== EMPTY) at = (at + 1) & this.#mask;
    this.#ids[at] = streamId;
    this.#values[at] = value;
    this.#size++;
  }

  delete(streamId: number): boolean {
    const ids = this.#ids;
    const mask = this.#mask;
    let at = this.#home(streamId);
    // Empty first: a call that was never sent has the id 0, which is in no table.
    for (let id = ids[at]; id === EMPTY || id !== streamId; id = ids[at]) {
      if (id === EMPTY) return false;
      at = (at + 1) & mask;
    }
    // Whoever was pushed beyond this slot moves back into it: a gap would end their search.
    for (let next = (at + 1) & mask; ids[next] !== EMPTY; next = (next + 1) & mask) {
      const home = this.#home(ids[next] as number);
      if (((next - home) & mask) < ((next - at) & mask)) continue;
      ids[at] = ids[next] as number;
      this.#values[at] = this.#values[next];
      at = next;
    }
    ids[at] = EMPTY;
    this.#values[at] = undefined;
    this.#size--;
    return true;
  }

  #home(streamId: number): number {
    return Math.imul(streamId >>> 1, GOLDEN) >>> this.#shift;
  }

  /** Empties the table and returns what was in it. */
  clear(): T[] {
    const values = this.#values.filter((value): value is T => value !== undefined);
    this.#ids.fill(EMPTY);
    this.#values.fill(undefined);
    this.#size = 0;
    return values;
  }

  values(): T[] {
    return this.#values.filter((value): value is T => value !== undefined);
  }

  #grow(): void {
    const ids = this.#ids;
    const values = this.#values;
    const slots = ids.length * 2;
    this.#ids = new Uint32Array(slots);
    this.#values = new Array<T | undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
    this.#shift--;
    this.#size = 0;
    for (let at = 0; at < ids.length; at++) if (ids[at] !== EMPTY) this.add(ids[at] as number, values[at] as T);
  }
}
