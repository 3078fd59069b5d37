// Busy polling for channels without the addon: the nearest that Node has. While it pays, the event loop turns without sleeping for a
// while after a socket was active, so that an answer does not have to wake a core: 13 µs a round trip between two cores instead of 60.
// Timers, immediates and all other sockets get their turn in between. The addon's twin: native/core/poll_policy.h, native/loop/spinner.cc.
import { nowMs } from "../deadlines.js";
import type { BusyPoll } from "./native.js";

/** Longer than the addon's: a turn of the loop takes 3 µs, a call 1.5 µs a side. */
const WINDOW_MS = 0.1;
/** While no poll has come back empty: so many times what they take, within these bounds. */
const WAITS = 6;
const MIN_WINDOW_MS = 0.03;
const PAYING_WINDOW_MS = 0.2;
/** After so many polls that found something comes a look at who else runs on this core: that takes 2 µs. */
const CORE_EVERY = 64;
/** A peer on the same core takes it from us nearly each time that we write: alone we lose it to nobody. */
const MAX_SWITCHES = CORE_EVERY / 2;
/** Skips at most 1 << 10 wake-ups. */
const MAX_LEVEL = 10;

export class LoopPoller {
  #level = 0;
  #skip = 0;
  #beganMs = 0;
  #endMs = 0;
  /** How long polls that found something took, on average. */
  #waitMs = WINDOW_MS;
  #core: "own" | "shared" = "shared";
  #polls = 0;
  #switches = 0;
  #windowMs = 0;
  /** "woken": something has come, and the window opens when it has been dealt with. */
  #state: "resting" | "woken" | "polling" = "resting";
  #policy: "auto" | "always" = "auto";
  #next: NodeJS.Immediate | undefined;

  get state(): "resting" | "woken" | "polling" {
    return this.#state;
  }

  /** Whether polls find something every time, and nobody else runs on this core: then the peer has one of its own, and is awake. */
  get peerRunsBeside(): boolean {
    return this.#level === 0 && this.#core === "own";
  }

  /** A socket has received something, which is dealt with after this. */
  wake(busyPoll: BusyPoll): void {
    if (this.#state === "woken" || busyPoll === 0) return;
    if (this.#state === "polling") this.#onFound(nowMs());
    else if (busyPoll === "auto" && this.#skip > 0) {
      this.#skip--;
      return;
    } else this.#next = setImmediate(this.#look);
    this.#state = "woken";
    this.#policy = busyPoll === "auto" ? "auto" : "always";
    this.#windowMs = busyPoll === "auto" ? this.#autoWindowMs : busyPoll / 1_000;
  }

  /** While polling pays, several times what it takes: whoever shares this core gets it back soon where nothing comes. */
  get #autoWindowMs(): number {
    return this.#level === 0 ? Math.min(PAYING_WINDOW_MS, Math.max(MIN_WINDOW_MS, WAITS * this.#waitMs)) : WINDOW_MS;
  }

  /** Ends the window: a socket has been closed, and the process may want to end. */
  rest(): void {
    clearImmediate(this.#next);
    this.#state = "resting";
  }

  readonly #look = (): void => {
    if (this.#state === "woken") {
      this.#state = "polling";
      this.#beganMs = nowMs();
      this.#endMs = this.#beganMs + this.#windowMs;
    } else if (nowMs() >= this.#endMs) {
      this.#state = "resting";
      this.#note(false);
      return;
    }
    this.#next = setImmediate(this.#look);
  };

  #onFound(atMs: number): void {
    const inTime = atMs < this.#endMs;
    if (inTime) this.#waitMs += (atMs - this.#beganMs - this.#waitMs) / 8;
    this.#note(inTime);
  }

  #lookAtCore(): void {
    const { involuntaryContextSwitches } = process.resourceUsage();
    this.#core = involuntaryContextSwitches - this.#switches > MAX_SWITCHES ? "shared" : "own";
    this.#switches = involuntaryContextSwitches;
  }

  /** A poll has found something in time, or not. What comes late has come while the core did other work: asleep we would have been woken. */
  #note(inTime: boolean): void {
    if (this.#policy === "always") return;
    if (inTime) {
      if (this.#level > 0) this.#level--;
      if (++this.#polls % CORE_EVERY === 0) this.#lookAtCore();
      return;
    }
    if (this.#level < MAX_LEVEL) this.#level++;
    this.#skip = 1 << this.#level;
  }
}
