// A server call as its interceptors see it.
import type { CallContext } from "./call-context.js";
import type { ContextValues } from "./context.js";
import type { StreamCall, UnaryCall } from "./interceptor.js";
import type { Metadata } from "./metadata.js";
import type { Peer } from "./peer.js";
import type { Method } from "./services.js";

/** The part that both kinds of call have. */
class ServerCallInfo {
  readonly side = "server";
  readonly context: CallContext;
  #timeoutMs: number | undefined | "unread" = "unread";

  constructor(context: CallContext) {
    this.context = context;
  }

  /** What is left when it is first read. */
  get timeoutMs(): number | undefined {
    if (this.#timeoutMs === "unread") this.#timeoutMs = this.context.timeoutMs();
    return this.#timeoutMs;
  }
  set timeoutMs(timeoutMs: number | undefined) {
    this.#timeoutMs = timeoutMs;
  }

  get serviceName(): string {
    return this.context.serviceName;
  }
  get method(): Method {
    return this.context.method;
  }
  get path(): string {
    return this.context.registered.path;
  }
  get metadata(): Metadata {
    return this.context.metadata;
  }
  get values(): ContextValues {
    return this.context.values;
  }
  get peer(): Peer {
    return this.context.peer;
  }
  get signal(): AbortSignal {
    return this.context.signal;
  }
}

export class ServerUnaryCall extends ServerCallInfo implements UnaryCall {
  readonly requestBytes: Buffer;
  #request: object | undefined;

  constructor(context: CallContext, requestBytes: Buffer) {
    super(context);
    this.requestBytes = requestBytes;
  }

  get request(): object {
    const { connection, registered } = this.context;
    this.#request ??= connection.decode(registered.method.input, this.requestBytes, 0, this.requestBytes.length, true);
    return this.#request;
  }
  set request(request: object) {
    this.#request = request;
  }
}

export class ServerStreamCall extends ServerCallInfo implements StreamCall {
  requests: AsyncIterable<object>;

  constructor(context: CallContext, requests: AsyncIterable<object>) {
    super(context);
    this.requests = requests;
  }
}
