// Deadlines of one connection: a heap, and one timer for the nearest.

/** Something with a deadline. */
export interface Deadline {
  /** On the clock of `nowMs`. */
  deadlineMs: number;
  /** Place in the heap, kept by the queue; -1 when not in it. */
  deadlineIndex: number;
  /** The deadline has passed; it is no longer in the queue. */
  onDeadline(): void;
}

/** setTimeout fires at once beyond this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer for an option in milliseconds: none for what is longer than a timer can be, 24 days. */
export function startTimer(delayMs: number, onTime: () => void): NodeJS.Timeout | undefined {
  return delayMs > MAX_TIMER_MS ? undefined : setTimeout(onTime, delayMs);
}

/** The clock of deadlines, in milliseconds with fractions. */
export const nowMs = (): number => performance.now();

export class DeadlineQueue {
  readonly #heap: Deadline[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Infinity;

  get size(): number {
    return this.#heap.length;
  }

  add(entry: Deadline): void {
    this.#heap.push(entry);
    this.#up(entry, this.#heap.length - 1);
    if (entry.deadlineMs < this.#timerMs) this.#arm();
  }

  /** Does nothing if `entry` is not in the queue. The timer stays: it is cheaper to let it fire for nothing. */
  remove(entry: Deadline): void {
    const at = entry.deadlineIndex;
    if (at < 0) return;
    entry.deadlineIndex = -1;
    const last = this.#heap.pop() as Deadline;
    if (last === entry) return;
    this.#up(last, at);
    this.#down(last, last.deadlineIndex);
  }

  /** Forgets everything. */
  clear(): void {
    for (const entry of this.#heap) entry.deadlineIndex = -1;
    this.#heap.length = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerMs = Infinity;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const first = this.#heap[0];
    this.#timerMs = first === undefined ? Infinity : first.deadlineMs;
    if (first === undefined) return;
    const delayMs = Math.min(Math.max(1, Math.ceil(first.deadlineMs - nowMs())), MAX_TIMER_MS);
    // The connection keeps the process alive, or has been told not to: deadlines do not.
    this.#timer = setTimeout(this.#fire, delayMs).unref();
  }

  readonly #fire = (): void => {
    this.#timerMs = Infinity;
    const now = nowMs();
    for (let first = this.#heap[0]; first !== undefined && first.deadlineMs <= now; first = this.#heap[0]) {
      this.remove(first);
      first.onDeadline();
    }
    this.#arm();
  };

  #up(entry: Deadline, at: number): void {
    const heap = this.#heap;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Deadline;
      if (parent.deadlineMs <= entry.deadlineMs) break;
      heap[at] = parent;
      parent.deadlineIndex = at;
      at = above;
    }
    heap[at] = entry;
    entry.deadlineIndex = at;
  }

  #down(entry: Deadline, at: number): void {
    const heap = this.#heap;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as Deadline).deadlineMs < (heap[below] as Deadline).deadlineMs) below++;
      const child = heap[below] as Deadline;
      if (child.deadlineMs >= entry.deadlineMs) break;
      heap[at] = child;
      child.deadlineIndex = at;
      at = below;
    }
    heap[at] = entry;
    entry.deadlineIndex = at;
  }
}
