// The measured window of one client: what counts, and what is printed of it. It begins and ends where a call does, so that no
// part of one is left over.
const MAX_SAMPLES = 1 << 22;
const QUANTILES = { p10us: 0.1, p25us: 0.25, p50us: 0.5, p75us: 0.75, p90us: 0.9, p99us: 0.99, p999us: 0.999, maxUs: 1 } as const;

interface Edge {
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
}

export class Window {
  readonly #lengthMs: number;
  /** When it opens or, once it is open, closes, with the next call that ends. */
  #edgeMs: number;
  /** Microseconds; the first ones of a run that makes more. */
  readonly #samples = new Float64Array(MAX_SAMPLES);
  #kept = 0;
  #calls = 0;
  #opened: Edge | undefined;
  #closed: Edge | undefined;

  constructor(warmUpMs: number, seconds: number) {
    this.#lengthMs = seconds * 1000;
    this.#edgeMs = performance.now() + warmUpMs;
  }

  /** Whether it waits for a call to end. */
  get atEdge(): boolean {
    return performance.now() >= this.#edgeMs;
  }

  /** A call, or `calls` messages, that began and ended at these times: it counts where it ends. Whether there is time for more. */
  count(startMs: number, endMs: number, calls = 1): boolean {
    if (this.#closed !== undefined) return false;
    const edge = endMs >= this.#edgeMs;
    if (this.#opened === undefined) {
      if (edge) this.#open(endMs);
      return true;
    }
    if (this.#kept < MAX_SAMPLES) this.#samples[this.#kept++] = (endMs - startMs) * 1000;
    this.#calls += calls;
    if (edge) this.#closed = { ms: endMs, cpu: process.cpuUsage(this.#opened.cpu) };
    return !edge;
  }

  #open(ms: number): void {
    this.#opened = { ms, cpu: process.cpuUsage() };
    this.#edgeMs = ms + this.#lengthMs;
    process.stdout.write(`{"window":"open"}\n`);
  }

  report(): Record<string, number> {
    if (this.#opened === undefined || this.#closed === undefined) throw new Error("the window has not closed");
    const { ms, cpu } = this.#closed;
    const seconds = (ms - this.#opened.ms) / 1000;
    const sorted = this.#samples.subarray(0, this.#kept).sort();
    const quantiles = Object.entries(QUANTILES).map(([name, share]) => [name, sorted[Math.min(this.#kept - 1, Math.floor(this.#kept * share))] ?? 0] as const);
    return {
      calls: this.#calls,
      seconds,
      perSecond: this.#calls / seconds,
      ...Object.fromEntries(quantiles),
      cpuUserMs: cpu.user / 1000,
      cpuSysMs: cpu.system / 1000,
    };
  }
}
