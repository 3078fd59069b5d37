// connect(), and Client: one connection. Go: client.go, Client.
import type { Duplex } from "node:stream";
import type { BidiStream, CallOptions, Stub } from "./call.js";
import type { Channel, ChannelKind } from "./channel/channel.js";
import { dial } from "./channel/dial.js";
import { CallTargets } from "./call-target.js";
import { ClientConnection } from "./client-connection.js";
import type { AnyMessageType } from "./codec.js";
import { type ClientConfig, clientConfig, type ClientOptions } from "./config.js";
import { closedError, type ConnectionStats } from "./connection.js";
import { canceled, type TtrpcError } from "./errors.js";
import type { Interceptor } from "./interceptor.js";
import type { Address, Peer } from "./peer.js";
import type { In, Method, Out, Service } from "./services.js";
import { type Abortable, unwatchSignal, watchSignal } from "./signals.js";
import { callUnary, makeStub, openHandle } from "./stub.js";

/**
 * Connects to a ttrpc server at an address, or over any Duplex that already reaches one.
 *
 * Rejects with a TtrpcError: InvalidArgument for an address that is none, NotFound for a socket that is not there,
 * PermissionDenied, DeadlineExceeded after `connectTimeoutMs`, Unavailable otherwise; `cause` is the system's error.
 */
export async function connect(target: Address | Duplex, options?: ClientOptions): Promise<Client> {
  const config = clientConfig(options);
  if (config.signal?.aborted) throw canceled(config.signal.reason);
  return Client.over(await dial(target, config), config);
}

/** One connection. Safe to share: calls are multiplexed. */
export class Client implements AsyncDisposable {
  /** Resolves when the connection is closed: to what broke it, or to undefined after `close()` and a peer that hung up. */
  readonly closed: Promise<TtrpcError | undefined>;
  /** @internal */
  readonly connection: ClientConnection;
  readonly #targets: CallTargets = new CallTargets();
  readonly #abort: Abortable = { onAbort: () => void this.close() };

  private constructor(channel: Channel, config: ClientConfig, firstStreamId: number | undefined) {
    let resolve: (reason: TtrpcError | undefined) => void = () => {};
    this.closed = new Promise((settle) => (resolve = settle));
    const onClosed = (cause: Error | undefined): void => {
      if (config.signal !== undefined) unwatchSignal(config.signal, this.#abort);
      const reason = cause === undefined ? undefined : closedError(cause);
      resolve(reason);
      config.onClose?.(reason);
    };
    this.connection = new ClientConnection(channel, config, onClosed, firstStreamId);
    if (config.signal !== undefined) watchSignal(config.signal, this.#abort);
  }

  /** @internal */
  static over(channel: Channel, config: ClientConfig, firstStreamId?: number): Client {
    return new Client(channel, config, firstStreamId);
  }

  /** The methods of a service as functions, typed by its descriptor. */
  service<S extends Service>(service: S, options: { interceptors?: readonly Interceptor[]; defaults?: CallOptions } = {}): Stub<S> {
    return makeStub(this.connection, service, options);
  }

  /** One unary call without a descriptor of the whole service. Go: Client.Call. */
  call<I extends AnyMessageType, O extends AnyMessageType>(
    serviceName: string,
    method: Method<I, O, "unary">,
    request: In<I>,
    options?: CallOptions,
  ): Promise<Out<O>> {
    return callUnary(this.connection, this.#targets.of(serviceName, method), request, options) as Promise<Out<O>>;
  }

  /**
   * A stream as a handle. Go: Client.NewStream. For a method that takes one request, the first `send` is that request.
   */
  newStream<I extends AnyMessageType, O extends AnyMessageType>(serviceName: string, method: Method<I, O>, options?: CallOptions): BidiStream<In<I>, Out<O>> {
    return openHandle(this.connection, this.#targets.of(serviceName, method), options) as unknown as BidiStream<In<I>, Out<O>>;
  }

  get peer(): Peer {
    return this.connection.channel.peer;
  }

  /** What carries the connection. */
  get channel(): ChannelKind {
    return this.connection.channel.kind;
  }

  stats(): ConnectionStats {
    return this.connection.stats();
  }

  /** The connection keeps the process alive (default). */
  ref(): this {
    this.connection.channel.ref();
    return this;
  }

  /** The connection does not keep the process alive. */
  unref(): this {
    this.connection.channel.unref();
    return this;
  }

  /** Sends what has been accepted, closes the connection, and fails the calls in flight with ClosedError. Idempotent. */
  async close(): Promise<void> {
    await this.connection.closeGently();
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
