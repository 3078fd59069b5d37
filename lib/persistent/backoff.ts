// How long to wait between attempts that fail.
import type { BackoffConfig } from "./config.js";

export class Backoff {
  readonly #config: BackoffConfig;
  #failures = 0;

  constructor(config: BackoffConfig) {
    this.#config = config;
  }

  /** The wait after one more failure. `chance`, below 1, is drawn anew for each: clients of a server that restarts come apart. */
  nextMs(chance: number = Math.random()): number {
    const { initialMs, maxMs, factor, jitter } = this.#config;
    const fullMs = Math.min(maxMs, initialMs * factor ** this.#failures++);
    return fullMs * (1 - jitter * chance);
  }

  /** The next wait is the first again. */
  reset(): void {
    this.#failures = 0;
  }
}
