// Calls on whichever connection a persistent client has: at once where there is one, later, and at most twice, where not.
import { remainingMs, type ResolvedCall } from "../call.js";
import type { CallTarget } from "../call-target.js";
import type { Caller, OpenableStream } from "../caller.js";
import type { ClientConnection } from "../client-connection.js";
import { nowMs } from "../deadlines.js";
import { ClosedError } from "../errors.js";
import { LaterStream } from "./later-stream.js";
import type { Peer } from "../peer.js";
import type { PersistentConfig } from "./config.js";
import type { Redialer } from "./redialer.js";
import { streamOn, unaryOn } from "../stub.js";

/** What interceptors see as the peer before there is one. */
const nobody: Peer = { address: "stream:" };

export class PersistentCaller implements Caller {
  readonly config: PersistentConfig;
  readonly #redialer: Redialer;
  #peer: Peer;

  constructor(config: PersistentConfig, redialer: Redialer, address: string | undefined) {
    this.config = config;
    this.#redialer = redialer;
    this.#peer = address === undefined ? nobody : { address };
  }

  /** The current one, or the last. */
  get peer(): Peer {
    const connection = this.#redialer.usable();
    if (connection !== undefined) this.#peer = connection.peer;
    return this.#peer;
  }

  /** Over an open connection this is the connection's own call: no promise, closure or object is added. */
  unary(target: CallTarget, request: object, call: ResolvedCall): Promise<object> {
    const connection = this.#redialer.usable();
    if (connection !== undefined && this.config.retry === "unsent" && connection.readiness === "ready" && isBare(connection)) {
      return connection.unary(target, request, call);
    }
    return this.#unaryWatched(target, request, call);
  }

  async #unaryWatched(target: CallTarget, request: object, call: ResolvedCall): Promise<object> {
    const deadlineMs = call.timeoutMs === undefined ? 0 : nowMs() + call.timeoutMs;
    for (let attempt = 1; ; attempt++) {
      const left = { ...call, timeoutMs: remainingMs(call, deadlineMs) };
      const connection = this.#redialer.usable() ?? (await this.#redialer.connection(left));
      try {
        return await unaryOn(connection, target, request, { ...call, timeoutMs: remainingMs(call, deadlineMs) });
      } catch (error) {
        if (attempt === 2 || !this.#mayRepeat(error)) throw error;
      }
    }
  }

  /** Errors of this class come from connections only: a server's `Unavailable` is none. */
  #mayRepeat(error: unknown): boolean {
    return error instanceof ClosedError && (error.unsent || this.config.retry === "closed") && this.#redialer.state !== "closed";
  }

  stream(target: CallTarget, call: ResolvedCall): OpenableStream {
    const connection = this.#redialer.usable();
    if (connection !== undefined && isBare(connection)) return connection.stream(target, call);
    return new LaterStream(call, async (waiting) => {
      const found = this.#redialer.usable() ?? (await this.#redialer.connection(waiting));
      return (left, request, source) => streamOn(found, target, left, request, source);
    });
  }
}

/** Whether calls may go past the client that a connection belongs to: it was given neither interceptors nor a timeout of its own. */
function isBare({ config }: ClientConnection): boolean {
  return config.interceptors.length === 0 && config.defaultTimeoutMs === undefined;
}
