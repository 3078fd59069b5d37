// The client's end of a connection: stream ids, calls in flight, requests out, responses in. Go: client.go.
import { remainingMs, type ResolvedCall } from "./call.js";
import type { CallTarget } from "./call-target.js";
import type { Caller } from "./caller.js";
import type { Channel } from "./channel/channel.js";
import { type AnyMessageType, decodeMessage, encodeMessage } from "./codec.js";
import type { ClientConfig } from "./config.js";
import { closedError, Connection } from "./connection.js";
import { canceled, ClosedError, Code, deadlineExceeded, TtrpcError } from "./errors.js";
import type { Peer } from "./peer.js";
import { Stream } from "./stream.js";
import { StreamTable } from "./stream-table.js";
import { PendingUnary } from "./unary-call.js";
import { closePayload, envelopeError, openRequestPayload, readResponse, writeRequestOptions } from "./wire/envelope.js";
import { TYPE_REQUEST } from "./wire/frame.js";
import { varintBytes } from "./wire/varint.js";

/** A call in flight: what the connection tells it. */
export interface PendingCall {
  /** A frame with its stream id. */
  onFrame(kind: number, slab: Buffer, offset: number, length: number, owned: boolean): void;
  /** A frame that was over the limit. */
  onOversize(length: number): void;
  /** Ends the call without the peer. */
  fail(error: TtrpcError): void;
}

const LAST_STREAM_ID = 0xffffffff;
const SPENT = "the stream ids of this connection are used up after 2147483648 calls: connect anew";

export class ClientConnection extends Connection implements Caller {
  readonly config: ClientConfig;
  readonly #pending: StreamTable<PendingCall> = new StreamTable();
  /** Calls that wait until the peer reads. */
  readonly #waiting: (() => void)[] = [];
  readonly #onClosed: (cause: Error | undefined) => void;
  #nextStreamId: number;

  /** `firstStreamId` is for tests of the last one. */
  constructor(channel: Channel, config: ClientConfig, onClosed: (cause: Error | undefined) => void, firstStreamId = 1) {
    super(channel, config);
    this.config = config;
    this.#onClosed = onClosed;
    this.#nextStreamId = firstStreamId;
    this.open();
  }

  protected override get active(): number {
    return this.#pending.size;
  }

  get peer(): Peer {
    return this.channel.peer;
  }

  /**
   * What a call meets that begins now. ready: it is sent. congested: it waits until the peer reads. spent: there is no
   * stream id for it. closed: it is refused.
   */
  get readiness(): "ready" | "congested" | "spent" | "closed" {
    if (this.state !== "open") return "closed";
    if (this.#nextStreamId > LAST_STREAM_ID) return "spent";
    return this.congested ? "congested" : "ready";
  }

  /** Takes no new calls; closes when those in flight are done. */
  retire(): void {
    if (this.state !== "open") return;
    this.state = "draining";
    for (const start of this.#waiting.splice(0)) start();
    if (this.#pending.size === 0) void this.closeGently();
  }

  /** Why a call cannot even begin, if it cannot. */
  refusal(call: ResolvedCall): TtrpcError | undefined {
    if (this.state !== "open") return new ClosedError(undefined, { unsent: true });
    if (call.signal?.aborted) return canceled(call.signal.reason);
    return call.timeoutMs !== undefined && call.timeoutMs <= 0 ? deadlineExceeded() : undefined;
  }

  countCall(): void {
    this.callsStarted++;
  }

  unary(target: CallTarget, request: object, call: ResolvedCall): Promise<object> {
    const refusal = this.refusal(call);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.countCall();
    if (this.congested) return this.#unaryLater(target, request, call);
    let streamId: number;
    try {
      streamId = this.sendRequest(target, request, 0, call.timeoutMs, call);
    } catch (error) {
      this.callsFailed++;
      return Promise.reject(error);
    }
    const pending = new PendingUnary(this, target.method.output, call);
    pending.streamId = streamId;
    this.#pending.add(streamId, pending);
    return pending.promise;
  }

  /** The deadline and the signal hold while the call waits to be sent. */
  #unaryLater(target: CallTarget, request: object, call: ResolvedCall): Promise<object> {
    const pending = new PendingUnary(this, target.method.output, call);
    this.whenUncongested(() => {
      if (pending.settled) return;
      try {
        pending.streamId = this.sendRequest(target, request, 0, remainingMs(call, pending.deadlineMs), call);
        this.#pending.add(pending.streamId, pending);
      } catch (error) {
        pending.fail(TtrpcError.from(error, Code.Internal));
      }
    });
    return pending.promise;
  }

  /** Runs `start` when the peer has read enough, in order; at once if nothing waits. */
  whenUncongested(start: () => void): void {
    if (!this.congested && this.#waiting.length === 0) start();
    else this.#waiting.push(start);
  }

  override onDrain(): void {
    super.onDrain();
    while (this.#waiting.length !== 0 && !this.congested) this.#waiting.shift()?.();
  }

  /** Sends a Request on a new stream and returns the stream's id. Throws before anything is written. */
  sendRequest(target: CallTarget, message: object | undefined, flags: number, timeoutMs: number | undefined, call: ResolvedCall): number {
    const streamId = this.#nextStreamId;
    if (this.state !== "open") throw new ClosedError(undefined, { unsent: true });
    if (streamId > LAST_STREAM_ID) throw new ClosedError(SPENT, { unsent: true });
    const writer = this.begin();
    try {
      writer.raw(target.prefix);
      if (message !== undefined) {
        const width = target.lengthWidth;
        const start = openRequestPayload(writer, width);
        encodeMessage(target.method.input, message, writer);
        target.lengthWidth = varintBytes(closePayload(writer, start, width));
      }
      writeRequestOptions(writer, timeoutMs, call.metadata?.pairs);
      this.checkSize();
    } catch (error) {
      this.abandon();
      throw error;
    }
    this.#nextStreamId = streamId + 2;
    this.send(streamId, TYPE_REQUEST, flags);
    return streamId;
  }

  stream(target: CallTarget, call: ResolvedCall): Stream {
    return new Stream(this, target, call);
  }

  register(streamId: number, call: PendingCall): void {
    this.#pending.add(streamId, call);
  }

  /** The call is over: later frames of its stream are dropped. */
  forget(streamId: number, outcome: "ok" | "failed"): void {
    this.#pending.delete(streamId);
    if (outcome === "failed") this.callsFailed++;
    if (this.state === "draining" && this.#pending.size === 0) void this.closeGently();
  }

  protected override onFrame(streamId: number, kind: number, slab: Buffer, offset: number, length: number, owned: boolean): void {
    this.#pending.get(streamId)?.onFrame(kind, slab, offset, length, owned);
  }

  protected override onOversize(streamId: number, length: number): void {
    this.#pending.get(streamId)?.onOversize(length);
  }

  protected override onClosed(cause: Error | undefined): void {
    const error = closedError(cause);
    for (const call of this.#pending.clear()) call.fail(error);
    // Those that were never sent: their start finds the connection closed.
    for (const start of this.#waiting.splice(0)) start();
    this.#onClosed(cause);
  }

  /** Decodes a Response's message; throws the error that it carries. */
  readResponse(output: AnyMessageType, slab: Buffer, offset: number, length: number, owned: boolean): object {
    const reader = this.reader.reset(slab, offset, offset + length, owned);
    let envelope: ReturnType<typeof readResponse>;
    try {
      envelope = readResponse(reader);
    } catch (cause) {
      throw new TtrpcError(Code.Internal, `ttrpc: error unmarshalling response: ${envelopeError(cause)}`, { cause });
    }
    if (envelope.code !== Code.Ok) {
      throw new TtrpcError(envelope.code as Code, envelope.message, envelope.details && { details: envelope.details });
    }
    return this.readMessage(output, slab, envelope.payloadStart, envelope.payloadEnd, owned);
  }

  readMessage(output: AnyMessageType, slab: Buffer, start: number, end: number, owned: boolean): object {
    return decodeMessage(output, this.reader.reset(slab, start, end, owned), end - start);
  }
}
