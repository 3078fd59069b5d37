// Two ends of a connection inside one process, for tests: what one writes the other reads, a turn of the event loop later.
import { Duplex } from "node:stream";
import { memoryStreams } from "./node.js";

/** One end of a `memoryPair`. */
export class MemoryDuplex extends Duplex {
  #other: MemoryDuplex | undefined;
  /** Stands in for a socket's hold on the event loop. */
  readonly #hold: NodeJS.Timeout = setInterval(() => {}, 2 ** 31 - 1);
  #resumePeer: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
    memoryStreams.add(this);
  }

  static pair(): [MemoryDuplex, MemoryDuplex] {
    const a = new MemoryDuplex();
    const b = new MemoryDuplex();
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  ref(): void {
    this.#hold.ref();
  }

  unref(): void {
    this.#hold.unref();
  }

  override _read(): void {
    const resume = this.#resumePeer;
    this.#resumePeer = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const other = this.#other;
    setImmediate(() => {
      if (other === undefined || other.destroyed) done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      else if (other.push(chunk)) done();
      else other.#resumePeer = done;
    });
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      this.#other?.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#hold);
    const other = this.#other;
    const resume = this.#resumePeer;
    this.#resumePeer = undefined;
    // As a socket's peer sees it: what was written arrives, then the end.
    setImmediate(() => {
      resume?.();
      if (other !== undefined && !other.destroyed && !other.readableEnded) other.push(null);
    });
    done(error);
  }
}
