// A line that says how far a run is: rewritten on a terminal, left out elsewhere.
export class Progress {
  readonly #total: number;
  readonly #startMs = performance.now();
  #done = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** The next step begins. */
  step(what: string): void {
    if (process.stderr.isTTY) {
      const leftS = this.#done === 0 ? 0 : ((performance.now() - this.#startMs) / this.#done / 1000) * (this.#total - this.#done);
      const left = leftS === 0 ? "" : `, ${leftS > 90 ? `${Math.round(leftS / 60)} min` : `${Math.round(leftS)} s`} left`;
      process.stderr.write(`\r\x1b[K${this.#done}/${this.#total}${left}  ${what}`);
    }
    this.#done++;
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
