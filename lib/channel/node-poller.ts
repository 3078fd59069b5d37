// Busy polling of an event loop that has no addon.
import { performance } from "node:perf_hooks";

const PAYING_MS = Number(process.env["PW"] ?? 0.2);
const WINDOW_MS = Number(process.env["WW"] ?? 0.1);
const MAX_LEVEL = 10;
const count = { ok: 0, fail: 0, late: 0, skip: 0, looks: 0 };
if (process.env["PSTAT"]) process.on("exit", () => console.error(JSON.stringify(count)));

class Poller {
  #level = 0;
  #skip = 0;
  #end = 0;
  #state: "resting" | "active" | "polling" = "resting";

  get paying(): boolean {
    return this.#level === 0;
  }

  /** Something has come. */
  active(): void {
    if (this.#state === "active") return;
    if (this.#state === "polling") {
      if (performance.now() < this.#end) {
        count.ok++;
        if (this.#level > 0) this.#level--;
      } else {
        count.late++;
        this.#empty();
      }
    } else if (this.#skip > 0) {
      this.#skip--;
      count.skip++;
      return;
    } else setImmediate(this.#look);
    this.#state = "active";
  }

  #empty(): void {
    if (this.#level < MAX_LEVEL) this.#level++;
    this.#skip = 1 << this.#level;
  }

  readonly #look = (): void => {
    count.looks++;
    const now = performance.now();
    if (this.#state === "active") {
      this.#state = "polling";
      this.#end = now + (this.#level === 0 ? PAYING_MS : WINDOW_MS);
    } else if (now >= this.#end) {
      this.#state = "resting";
      count.fail++;
      this.#empty();
      return;
    }
    setImmediate(this.#look);
  };
}

export const poller: { active(): void; readonly paying: boolean } = new Poller();
