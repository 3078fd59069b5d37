// The server's end of a connection: what it does with every kind of frame. Go: serverConn.run in server.go.
import { CallContext } from "./call-context.js";
import type { Channel } from "./channel/channel.js";
import { type AnyMessageType, decodeMessage, encodeMessage } from "./codec.js";
import type { ServerConfig } from "./config.js";
import { closedError, Connection } from "./connection.js";
import { nowMs } from "./deadlines.js";
import { canceled, Code, codeForPeer, type ErrorDetail, OversizedMessageError, oversizeText, ServerClosedError, textForPeer, TtrpcError } from "./errors.js";
import { type HeldBatch, holdBatch } from "./intake.js";
import type { Registry } from "./registry.js";
import { StreamIds } from "./stream-ids.js";
import { StreamServer } from "./stream-server.js";
import { StreamTable } from "./stream-table.js";
import { runUnary } from "./unary-server.js";
import { closePayload, envelopeError, openResponsePayload, readRequest, type RequestEnvelope, writeStatus } from "./wire/envelope.js";
import { FLAG_NO_DATA, FLAG_REMOTE_CLOSED, TYPE_DATA, TYPE_REQUEST, TYPE_RESPONSE } from "./wire/frame.js";
import { varintBytes } from "./wire/varint.js";

const noDetails: readonly ErrorDetail[] = [];

/** How often a client that has half-closed is looked for while its calls run. */
const PROBE_MS = 1_000;

/** What a connection needs of its server. */
export interface ServerHost {
  readonly config: ServerConfig;
  readonly registry: Registry;
  readonly shutdownSignal: AbortSignal;
  onConnectionClosed(connection: ServerConnection, cause: Error | undefined): void;
}

export class ServerConnection extends Connection {
  readonly #host: ServerHost;
  /** Calls whose handlers run. */
  readonly #calls: StreamTable<CallContext> = new StreamTable();
  /** The streams among them. */
  readonly #streams: StreamTable<StreamServer> = new StreamTable();
  readonly #streamIds: StreamIds;
  /** Whether reading is paused because the peer does not read its replies. */
  #intake: "open" | "held" = "open";
  readonly #held: HeldBatch[] = [];
  #peerState: "sending" | "halfClosed" = "sending";
  #probe: NodeJS.Timeout | undefined;

  constructor(channel: Channel, host: ServerHost) {
    super(channel, host.config);
    this.#host = host;
    this.#streamIds = new StreamIds(host.config.streamIds);
    this.open();
  }

  get config(): ServerConfig {
    return this.#host.config;
  }

  get shutdownSignal(): AbortSignal {
    return this.#host.shutdownSignal;
  }

  protected override get active(): number {
    return this.#calls.size;
  }

  /** A peer that does not read its replies gets no further requests accepted. */
  protected override get overwhelmed(): boolean {
    return this.congested;
  }

  override onFrames(slab: Buffer, table: Uint32Array, count: number, owned: boolean): void {
    const taken = this.#held.length === 0 ? this.takeFrames(slab, table, count, owned) : 0;
    if (taken < count && this.state !== "closed") this.#held.push(holdBatch(slab, table, taken, count, owned));
    if ((this.#held.length !== 0 || this.congested) && this.#intake === "open") {
      this.#intake = "held";
      this.pause();
    }
  }

  override onDrain(): void {
    super.onDrain();
    if (this.#intake === "open") return;
    for (let batch = this.#held.shift(); batch !== undefined; batch = this.#held.shift()) {
      const taken = this.takeFrames(batch.slab, batch.table, batch.count, batch.owned);
      if (taken === batch.count || this.state === "closed") continue;
      this.#held.unshift(holdBatch(batch.slab, batch.table, taken, batch.count, true));
      return;
    }
    this.#intake = "open";
    this.resume();
    if (this.#peerState === "halfClosed") this.#endIntake();
  }

  /**
   * The client sends no more, and reads on: it gets the replies of what is in flight. Go drops them. Streams that it had not
   * ended are over.
   */
  override onHalfClose(): void {
    if (this.state === "closed") return;
    this.#peerState = "halfClosed";
    if (this.#held.length === 0) this.#endIntake();
    if (this.#calls.size !== 0 || this.#held.length !== 0) this.#probe = setInterval(() => this.channel.probe(), PROBE_MS).unref();
  }

  /** All that a half-closed client sent has been taken. */
  #endIntake(): void {
    for (const stream of this.#streams.values()) if (stream.receiving) this.cut(stream.call, canceled(closedError(undefined)));
    this.#closeIfDone();
  }

  protected override onOversize(streamId: number, length: number): void {
    const text = oversizeText(length, this.maxMessageBytes);
    const stream = this.#streams.get(streamId);
    // A stream that lost a message is over: its handler must not take what follows for the whole.
    if (stream === undefined) this.refuse(streamId, Code.ResourceExhausted, text);
    else this.cut(stream.call, new TtrpcError(Code.ResourceExhausted, text));
  }

  protected override onFrame(streamId: number, kind: number, slab: Buffer, offset: number, length: number, owned: boolean): void {
    if (streamId % 2 !== 1) return this.refuse(streamId, Code.InvalidArgument, "StreamID must be odd for client initiated streams");
    const type = kind & 0xff;
    if (type === TYPE_REQUEST) this.#onRequest(streamId, kind >> 8, slab, offset, length, owned);
    else if (type === TYPE_DATA) this.#onData(streamId, kind >> 8, slab, offset, length, owned);
    // Other types are for later versions of the protocol: ignored, as in Go.
  }

  #onRequest(streamId: number, flags: number, slab: Buffer, offset: number, length: number, owned: boolean): void {
    if (!this.#streamIds.take(streamId)) return this.refuse(streamId, Code.InvalidArgument, "StreamID cannot be re-used and must increment");
    let request: RequestEnvelope;
    try {
      request = readRequest(this.reader.reset(slab, offset, offset + length, owned));
    } catch (cause) {
      return this.refuse(streamId, Code.InvalidArgument, `unmarshal request error: ${envelopeError(cause)}`);
    }
    if (this.state === "draining") return this.refuse(streamId, Code.Unavailable, new ServerClosedError().message);
    const methods = this.#host.registry.methods(request.service);
    if (methods === undefined) return this.refuse(streamId, Code.Unimplemented, `service ${request.service}`);
    const registered = methods.get(request.method);
    if (registered === undefined) return this.refuse(streamId, Code.Unimplemented, `method ${request.method}`);
    const { maxCallsPerConnection } = this.config;
    if (this.#calls.size >= maxCallsPerConnection)
      return this.refuse(streamId, Code.ResourceExhausted, `${maxCallsPerConnection} calls are in flight on this connection, its limit`);

    this.callsStarted++;
    const { payloadStart, payloadEnd } = request;
    const call = new CallContext(this, registered, streamId, request.metadata);
    this.#setDeadline(call, request.timeoutMs);
    if (registered.method.kind === "unary") return runUnary(call, slab, payloadStart, payloadEnd, owned);
    const stream = new StreamServer(call);
    this.#streams.add(streamId, stream);
    stream.run(slab, payloadStart, payloadEnd, owned, (flags & FLAG_REMOTE_CLOSED) !== 0);
  }

  #setDeadline(call: CallContext, timeoutMs: number | undefined): void {
    const { maxTimeoutMs } = this.config;
    const limitMs = maxTimeoutMs === undefined ? timeoutMs : Math.min(timeoutMs ?? Infinity, maxTimeoutMs);
    if (limitMs === undefined) return;
    call.deadlineMs = nowMs() + limitMs;
  }

  #onData(streamId: number, flags: number, slab: Buffer, offset: number, length: number, owned: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return this.refuse(streamId, Code.InvalidArgument, "StreamID is no longer active");
    const refusal = stream.onData(flags, slab, offset, length, owned);
    if (refusal === undefined) return;
    // The Response ends the stream for its client: what the handler still sends is dropped.
    const { call } = stream;
    if (call.state === "running") this.answerStatus(call, new TtrpcError(Code.InvalidArgument, refusal));
    else this.refuse(streamId, Code.InvalidArgument, refusal);
  }

  /** Answers a frame that starts no call. */
  refuse(streamId: number, code: Code, message: string): void {
    this.callsFailed++;
    this.#sendStatus(streamId, code, message, noDetails);
  }

  /** The handler has returned a promise, or runs a stream: the call is in flight. */
  enter(call: CallContext): void {
    this.#calls.add(call.streamId, call);
    if (call.deadlineMs !== Infinity) this.deadlines.add(call);
  }

  /** The handler is done. */
  leave(call: CallContext): void {
    call.finish();
    this.deadlines.remove(call);
    if (!this.#calls.delete(call.streamId)) return;
    this.#streams.delete(call.streamId);
    this.#closeIfDone();
  }

  /** After the last call of a server that shuts down, or of a client that sends no more. */
  #closeIfDone(): void {
    if (this.#calls.size !== 0 || this.state === "closed") return;
    if (this.state === "draining" || (this.#peerState === "halfClosed" && this.#held.length === 0)) void this.closeGently();
  }

  /** Ends a call without its handler. One that ignores its deadline does not hold its caller: unlike Go's, the server answers by itself. */
  cut(call: CallContext, error: TtrpcError): void {
    this.#streams.get(call.streamId)?.fail(error);
    this.answerStatus(call, error);
  }

  decode(type: AnyMessageType, slab: Buffer, start: number, end: number, owned: boolean): object {
    return decodeMessage(type, this.reader.reset(slab, start, end, owned), end - start);
  }

  /** The reply of a unary or client-streaming call. */
  answer(call: CallContext, message: object): void {
    if (call.state === "answered" || this.state === "closed") return;
    const { registered } = call;
    const writer = this.begin();
    try {
      const width = registered.lengthWidth;
      const start = openResponsePayload(writer, width);
      encodeMessage(registered.method.output, message, writer);
      registered.lengthWidth = varintBytes(closePayload(writer, start, width));
      this.checkSize();
    } catch (error) {
      this.abandon();
      return this.answerStatus(call, forPeer(error));
    }
    call.state = "answered";
    this.send(call.streamId, TYPE_RESPONSE, 0);
  }

  /** Ends a call with what its handler threw. The peer gets code and text; where it was thrown only the log can tell. */
  answerError(call: CallContext, error: unknown): void {
    const answer = TtrpcError.from(error);
    this.answerStatus(call, answer);
    if (answer === error) return;
    try {
      this.config.logger?.error({ err: error, path: call.registered.path }, "ttrpc: handler failed");
    } catch {
      // What a logger throws must not reach the other calls of the batch.
    }
  }

  /** Ends a call with an error. */
  answerStatus(call: CallContext, error: TtrpcError): void {
    if (call.state === "answered") return;
    call.state = "answered";
    call.abort(error);
    this.callsFailed++;
    this.#streams.get(call.streamId)?.onOver?.();
    this.#streams.delete(call.streamId);
    this.#sendStatus(call.streamId, codeForPeer(error), textForPeer(error), error.details);
  }

  #sendStatus(streamId: number, code: number, message: string, details: readonly ErrorDetail[]): void {
    if (this.state === "closed") return;
    const writer = this.begin();
    try {
      writeStatus(writer, code, message, details);
      this.checkSize();
    } catch (error) {
      // An error too large to send: its code and the start of its text are what the peer can be told.
      this.abandon();
      writeStatus(this.begin(), code, `${message.slice(0, 1024)}... (${(error as Error).message})`, noDetails);
    }
    this.send(streamId, TYPE_RESPONSE, 0);
  }

  /** One message of a response stream. */
  sendMessage(call: CallContext, message: object): void {
    const writer = this.begin();
    try {
      encodeMessage(call.registered.method.output, message, writer);
      this.checkSize();
    } catch (error) {
      this.abandon();
      throw forPeer(error);
    }
    this.send(call.streamId, TYPE_DATA, 0);
  }

  /** The end of a response stream. */
  endStream(call: CallContext): void {
    if (call.state === "answered") return;
    call.state = "answered";
    this.sendEmpty(call.streamId, TYPE_DATA, FLAG_REMOTE_CLOSED | FLAG_NO_DATA);
  }

  /** Takes no new calls; closes when those in flight are done. */
  drain(): void {
    if (this.state !== "open") return;
    this.state = "draining";
    this.#closeIfDone();
  }

  protected override onClosed(cause: Error | undefined): void {
    clearInterval(this.#probe);
    const error = closedError(cause);
    const reason = canceled(error);
    for (const call of this.#calls.values()) {
      if (call.state === "running") this.callsFailed++;
      call.state = "answered";
      call.abort(reason);
    }
    for (const stream of this.#streams.values()) stream.fail(reason);
    this.#host.onConnectionClosed(this, cause);
  }
}

/** A reply that cannot be sent, as its caller is told. */
function forPeer(error: unknown): TtrpcError {
  if (error instanceof OversizedMessageError)
    return new TtrpcError(Code.ResourceExhausted, oversizeText(error.rejectedBytes, error.maximumBytes), { cause: error });
  return TtrpcError.from(error, Code.Internal);
}
