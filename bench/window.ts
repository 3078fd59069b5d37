// The measured window of one client: what counts, and what is printed of it.
const MAX_SAMPLES = 1 << 22;
const QUANTILES = { p10us: 0.1, p25us: 0.25, p50us: 0.5, p75us: 0.75, p90us: 0.9, p99us: 0.99, p999us: 0.999, maxUs: 1 } as const;

export class Window {
  readonly fromMs: number;
  readonly toMs: number;
  /** Microseconds; the first ones of a run that makes more. */
  readonly #samples = new Float64Array(MAX_SAMPLES);
  #kept = 0;
  #calls = 0;
  #cpu: NodeJS.CpuUsage | undefined;
  #openedMs = 0;
  #closed: { readonly ms: number; readonly cpu: NodeJS.CpuUsage } | undefined;

  constructor(warmUpMs: number, seconds: number) {
    this.fromMs = performance.now() + warmUpMs;
    this.toMs = this.fromMs + seconds * 1000;
  }

  /** Counts a call, or `calls` messages, that began and ended at these times, if all of it lies inside. Whether there is time for more. */
  count(startMs: number, endMs: number, calls = 1): boolean {
    if (this.#cpu === undefined && endMs >= this.fromMs) this.#open(endMs);
    if (endMs >= this.toMs) {
      this.#closed ??= { ms: endMs, cpu: process.cpuUsage(this.#cpu) };
      return false;
    }
    if (startMs >= this.fromMs) {
      if (this.#kept < MAX_SAMPLES) this.#samples[this.#kept++] = (endMs - startMs) * 1000;
      this.#calls += calls;
    }
    return true;
  }

  #open(nowMs: number): void {
    this.#openedMs = nowMs;
    this.#cpu = process.cpuUsage();
    process.stdout.write(`{"window":"open"}\n`);
  }

  report(): Record<string, number> {
    const { ms, cpu } = this.#closed ?? { ms: performance.now(), cpu: process.cpuUsage(this.#cpu) };
    const seconds = (ms - this.#openedMs) / 1000;
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
