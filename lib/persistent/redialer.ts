// One connection after the other: dialed when a call needs one, one attempt at a time, with pauses after those that fail.
import { Backoff } from "./backoff.js";
import type { ResolvedCall } from "../call.js";
import type { Client } from "../client.js";
import type { ClientConnection } from "../client-connection.js";
import type { ConnectionStats } from "../connection.js";
import { ConnectionWait } from "./connection-wait.js";
import { DeadlineQueue, startTimer } from "../deadlines.js";
import { canceled, ClosedError, Code, deadlineExceeded, TtrpcError } from "../errors.js";
import type { PersistentConfig } from "./config.js";
import { addStats, noStats } from "../stats.js";

/** Makes one connection. `signal` aborts when nobody wants it any more. */
export type Dial = (signal: AbortSignal) => Promise<Client>;

/** An attempt that is the same an hour later. */
const LASTING: ReadonlySet<Code> = new Set([Code.InvalidArgument, Code.Unimplemented]);

export class Redialer {
  readonly #dial: Dial;
  readonly #config: PersistentConfig;
  readonly #what: string;
  readonly #backoff: Backoff;
  readonly #waits: Set<ConnectionWait> = new Set();
  readonly #deadlines: DeadlineQueue = new DeadlineQueue();
  /** The current one, and those that finish their last calls. */
  readonly #clients: Set<Client> = new Set();
  /** Of connections that are gone. */
  #past = noStats;
  #connections = 0;
  /**
   * idle: there is no connection, and nobody wants one. resting: the last attempt failed, the next has to wait. dialing: an attempt
   * runs. connected: there is a connection, or was when it was last looked at. closed: there will be none.
   */
  #state: "idle" | "resting" | "dialing" | "connected" | "closed" = "idle";
  #client: Client | undefined;
  #attempt: AbortController | undefined;
  #attemptTimer: NodeJS.Timeout | undefined;
  #rest: NodeJS.Timeout | undefined;
  #hold: "ref" | "unref" = "ref";

  /** `what` is to be connected to, for errors. */
  constructor(dial: Dial, config: PersistentConfig, what: string) {
    this.#dial = dial;
    this.#what = what;
    this.#config = config;
    this.#backoff = new Backoff(config.backoff);
  }

  get state(): "idle" | "connecting" | "connected" | "closed" {
    if (this.#state === "closed") return "closed";
    if (this.usable() !== undefined) return "connected";
    return this.#state === "dialing" || this.#waits.size !== 0 ? "connecting" : "idle";
  }

  /** The connection there is, if it takes calls. */
  usable(): ClientConnection | undefined {
    const connection = this.#client?.connection;
    if (connection === undefined) return undefined;
    const { readiness } = connection;
    if (readiness === "ready" || readiness === "congested") return connection;
    // Its calls in flight go on; this one, and all after it, need another.
    if (readiness === "spent") connection.retire();
    this.#client = undefined;
    if (this.#state === "connected") this.#state = "idle";
    return undefined;
  }

  /** A connection that takes calls, once there is one; rejects at the call's deadline, by its signal, or with why there is none. */
  async connection(call: Pick<ResolvedCall, "timeoutMs" | "signal">): Promise<ClientConnection> {
    if (this.#state === "closed") throw new ClosedError(undefined, { unsent: true });
    if (call.signal?.aborted) throw canceled(call.signal.reason);
    if (call.timeoutMs !== undefined && call.timeoutMs <= 0) throw deadlineExceeded();
    const usable = this.usable();
    if (usable !== undefined) return usable;
    const wait = new ConnectionWait(this.#deadlines, call, (over) => this.#waits.delete(over));
    this.#waits.add(wait);
    if (this.#state === "idle") this.#start();
    else if (this.#state === "resting" && this.#hold === "ref") this.#rest?.ref();
    return wait.promise;
  }

  #start(): void {
    this.#state = "dialing";
    const attempt = new AbortController();
    this.#attempt = attempt;
    const { connectTimeoutMs } = this.#config;
    this.#attemptTimer = startTimer(connectTimeoutMs, () => {
      const late = new TtrpcError(Code.DeadlineExceeded, `cannot connect to ${this.#what}: no answer within ${connectTimeoutMs} ms`);
      if (this.#attempt === attempt) this.#onFailure(late);
      attempt.abort(late);
    });
    if (this.#hold === "unref") this.#attemptTimer?.unref();
    this.#dial(attempt.signal).then(
      (client) => {
        if (this.#attempt === attempt) this.#onClient(client);
        else void client.close();
      },
      (error: unknown) => {
        if (this.#attempt === attempt) this.#onFailure(TtrpcError.from(error, Code.Unavailable));
      },
    );
  }

  #endAttempt(): void {
    this.#attempt = undefined;
    clearTimeout(this.#attemptTimer);
  }

  #onClient(client: Client): void {
    const { readiness } = client.connection;
    if (readiness === "closed") return this.#onFailure(new ClosedError("the connection was closed as soon as it was made", { unsent: true }));
    this.#endAttempt();
    this.#state = "connected";
    this.#client = client;
    this.#backoff.reset();
    if (this.#hold === "unref") client.unref();
    if (!this.#clients.has(client)) {
      this.#clients.add(client);
      this.#connections++;
      void client.closed.then(() => this.#onClosed(client));
    }
    for (const wait of [...this.#waits]) wait.give(client.connection);
    this.#log("debug", { peer: client.peer }, "ttrpc: connected");
  }

  #onClosed(client: Client): void {
    this.#clients.delete(client);
    // Looked at, not assumed: the next may be there already.
    this.usable();
    this.#past = addStats(this.#past, client.stats());
    this.#log("debug", { peer: client.peer }, "ttrpc: connection lost");
  }

  #log(level: "debug" | "warn", fields: object, message: string): void {
    try {
      this.#config.logger?.[level](fields, message);
    } catch {
      // What a logger throws must not reach the calls.
    }
  }

  #onFailure(error: TtrpcError): void {
    this.#endAttempt();
    const lasting = LASTING.has(error.code);
    const failure = lasting ? error : new TtrpcError(Code.Unavailable, error.message, { cause: error });
    this.#state = "resting";
    // Before those who fail: what they do next may be to call again.
    this.#rest = setTimeout(() => this.#onRested(), this.#backoff.nextMs());
    for (const wait of [...this.#waits]) {
      wait.reason = failure;
      if (lasting || !this.#config.waitForReady) wait.fail(failure);
    }
    if (this.#waits.size === 0 || this.#hold === "unref") this.#rest.unref();
    this.#log("warn", { err: error }, "ttrpc: cannot connect");
  }

  #onRested(): void {
    this.#state = "idle";
    if (this.#waits.size !== 0) this.#start();
  }

  stats(): ConnectionStats & { readonly connections: number } {
    let sum = this.#past;
    for (const client of this.#clients) sum = addStats(sum, client.stats());
    return { ...sum, connections: this.#connections };
  }

  hold(hold: "ref" | "unref"): void {
    this.#hold = hold;
    for (const client of this.#clients) client[hold]();
    if (hold === "unref" || this.#waits.size !== 0) this.#rest?.[hold]();
  }

  /** Ends everything: calls that wait fail as closed, connections close as `Client.close` does it. */
  async close(): Promise<void> {
    if (this.#state !== "closed") {
      this.#state = "closed";
      clearTimeout(this.#rest);
      const closed = new ClosedError(undefined, { unsent: true });
      this.#attempt?.abort(closed);
      this.#endAttempt();
      for (const wait of [...this.#waits]) wait.fail(closed);
      this.#deadlines.clear();
    }
    await Promise.all([...this.#clients].map((client) => client.close()));
  }
}
