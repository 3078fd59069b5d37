// What gRPC's and Connect's programs share: the command line of all benchmark programs, and the measured window.
import { parseArgs } from "node:util";

const option = (value) => ({ type: "string", default: value });

/** The flags of this process: Go's form, one dash. */
export function parseFlags() {
  const args = process.argv.slice(2).map((arg) => (/^-[a-z]/.test(arg) ? `-${arg}` : arg));
  const { values } = parseArgs({
    args,
    options: {
      address: { type: "string" },
      case: option("unary"),
      inflight: option("1"),
      size: option("32"),
      connections: option("1"),
      seconds: option("1"),
      "warmup-ms": option("300"),
      interceptor: { type: "boolean", default: false },
    },
  });
  return values;
}

/** The socket file of an address. */
export function pathOf(address) {
  if (!address?.startsWith("unix://")) throw new Error(`-address ${address}: want unix:///path`);
  return address.slice("unix://".length);
}

export function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Says that a server listens, and calls `close` when standard input ends. */
export function serveUntilStdinEnds(address, close) {
  print({ ready: true, address });
  process.stdin.resume().once("end", () => {
    close();
    process.exit();
  });
}

const MAX_SAMPLES = 1 << 22;
const QUANTILES = { p10us: 0.1, p25us: 0.25, p50us: 0.5, p75us: 0.75, p90us: 0.9, p99us: 0.99, p999us: 0.999, maxUs: 1 };

/** Begins and ends where a call does, so that no part of one is left over. */
export class Window {
  #lengthMs;
  /** When it opens or, once it is open, closes, with the next call that ends. */
  #edgeMs;
  /** Microseconds; the first ones of a run that makes more. */
  #samples = new Float64Array(MAX_SAMPLES);
  #kept = 0;
  #calls = 0;
  #opened;
  #closed;

  constructor(warmUpMs, seconds) {
    this.#lengthMs = seconds * 1000;
    this.#edgeMs = performance.now() + warmUpMs;
  }

  /** Whether it waits for a call to end. */
  get atEdge() {
    return performance.now() >= this.#edgeMs;
  }

  /** A call, or `calls` messages, that began and ended at these times: it counts where it ends. Whether there is time for more. */
  count(startMs, endMs, calls = 1) {
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

  #open(ms) {
    this.#opened = { ms, cpu: process.cpuUsage() };
    this.#edgeMs = ms + this.#lengthMs;
    print({ window: "open" });
  }

  report() {
    const { ms, cpu } = this.#closed;
    const seconds = (ms - this.#opened.ms) / 1000;
    const sorted = this.#samples.subarray(0, this.#kept).sort();
    const at = (share) => sorted[Math.min(this.#kept - 1, Math.floor(this.#kept * share))];
    return {
      calls: this.#calls,
      seconds,
      perSecond: this.#calls / seconds,
      ...Object.fromEntries(Object.entries(QUANTILES).map(([name, share]) => [name, at(share)])),
      cpuUserMs: cpu.user / 1000,
      cpuSysMs: cpu.system / 1000,
    };
  }
}
