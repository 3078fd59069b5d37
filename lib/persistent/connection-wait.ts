// A call that waits for a connection: with its deadline and its signal.
import type { ResolvedCall } from "../call.js";
import type { ClientConnection } from "../client-connection.js";
import { type Deadline, type DeadlineQueue, nowMs } from "../deadlines.js";
import { canceled, deadlineExceeded, type TtrpcError } from "../errors.js";
import { type Abortable, unwatchSignal, watchSignal } from "../signals.js";

export class ConnectionWait implements Deadline, Abortable {
  readonly promise: Promise<ClientConnection>;
  deadlineMs = 0;
  deadlineIndex = -1;
  /** Why there is no connection yet, if that is known. */
  reason: TtrpcError | undefined;
  readonly #deadlines: DeadlineQueue;
  readonly #signal: AbortSignal | undefined;
  readonly #leave: (wait: ConnectionWait) => void;
  #resolve: (connection: ClientConnection) => void = () => {};
  #reject: (error: TtrpcError) => void = () => {};

  /** `leave` is told when it is over. */
  constructor(deadlines: DeadlineQueue, call: Pick<ResolvedCall, "timeoutMs" | "signal">, leave: (wait: ConnectionWait) => void) {
    this.#deadlines = deadlines;
    this.#signal = call.signal;
    this.#leave = leave;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (call.timeoutMs !== undefined) {
      this.deadlineMs = nowMs() + call.timeoutMs;
      deadlines.add(this);
    }
    if (call.signal !== undefined) watchSignal(call.signal, this);
  }

  onDeadline(): void {
    this.fail(deadlineExceeded(this.reason));
  }

  /** The signal has fired. */
  onAbort(): void {
    this.fail(canceled(this.#signal?.reason));
  }

  give(connection: ClientConnection): void {
    this.#end();
    this.#resolve(connection);
  }

  fail(error: TtrpcError): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#deadlines.remove(this);
    if (this.#signal !== undefined) unwatchSignal(this.#signal, this);
    this.#leave(this);
  }
}
