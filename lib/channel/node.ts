// The channel over any Duplex: sockets of node:net, TLS, pipes. Frames are parsed in TypeScript.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Address, Peer } from "../peer.js";
import { tcpAddress } from "./address.js";
import type { Channel, ChannelKind, ChannelReceiver } from "./channel.js";
import { FrameParser } from "./frame-parser.js";
import { net } from "../builtin.js";
import type { BusyPoll } from "./native.js";
import { type NodeOutbox, nodeOutbox, type OutboxTarget } from "./node-outbox.js";

/** Streams that are ends of a memory pair. */
export const memoryStreams: WeakSet<Duplex> = new WeakSet();

const SLAB_BYTES = 262_144;

let slab: Buffer | undefined;

/**
 * Options for a socket of ours that read into the event loop's slab, without a buffer and a stream event per read.
 * `attach` must be called before the socket is resumed.
 */
export class SlabReader {
  #channel: NodeChannel | undefined;
  readonly onread = {
    buffer: (): Uint8Array => this.#channel?.receiveInto() ?? (slab ??= Buffer.allocUnsafeSlow(SLAB_BYTES)),
    callback: (bytes: number, buffer: Uint8Array): boolean => {
      this.#channel?.received(bytes, buffer as Buffer);
      return true;
    },
  };

  attach(channel: NodeChannel): void {
    this.#channel = channel;
  }
}

/** The best name for what a Duplex reaches. */
export function addressOf(stream: Duplex): Address {
  return stream instanceof net().Socket && stream.remoteAddress !== undefined ? tcpAddress(stream.remoteAddress, stream.remotePort ?? 0) : "stream:";
}

const NOTHING = Buffer.alloc(0);

/** Whether a peer that has ended its sending can be told from one that is gone: over unix sockets. */
function tellsHalfClose(stream: Duplex): boolean {
  if (!stream.allowHalfOpen || process.platform === "win32") return false;
  return memoryStreams.has(stream) || (stream instanceof net().Socket && stream.remoteAddress === undefined);
}

export class NodeChannel implements Channel, OutboxTarget {
  readonly kind: ChannelKind;
  readonly peer: Peer;
  readonly outbox: NodeOutbox = nodeOutbox();
  readonly handle: number;
  /** node:net is done with a buffer when its write is; other streams may pass it on. */
  readonly keepsBuffers: boolean;
  readonly #stream: Duplex;
  readonly #reader: SlabReader | undefined;
  readonly #busyPoll: BusyPoll;
  #receiver: ChannelReceiver | undefined;
  #parser: FrameParser | undefined;
  #output: "idle" | "backlogged" = "idle";
  #state: "open" | "ended" | "closed" = "open";
  #peerState: "open" | "halfClosed" = "open";

  constructor(stream: Duplex, peer: Peer, busyPoll: BusyPoll, reader?: SlabReader) {
    this.kind = memoryStreams.has(stream) ? "memory" : "node";
    this.peer = peer;
    this.keepsBuffers = stream.constructor !== net().Socket;
    this.#stream = stream;
    this.#reader = reader;
    // What goes through memory wakes nobody.
    this.#busyPoll = this.kind === "memory" ? 0 : busyPoll;
    this.handle = this.outbox.register(this);
    reader?.attach(this);
    // Before `open` too, an error must find a listener.
    stream.on("error", (error) => this.#end(this.#peerState === "open" ? error : undefined));
    stream.on("close", () => this.#end(undefined));
  }

  get queuedBytes(): number {
    return this.#stream.writableLength;
  }

  open(receiver: ChannelReceiver, maxMessageBytes: number): void {
    this.#receiver = receiver;
    this.#parser = new FrameParser((buf, table, count, owned) => {
      if (this.#state !== "open") return false;
      this.outbox.received(count);
      receiver.onFrames(buf, table, count, owned);
      return this.#state === "open";
    }, maxMessageBytes);
    const stream = this.#stream;
    stream.on("end", () => this.#onEnd());
    if (this.#reader === undefined) {
      stream.on("data", (chunk: Buffer) => {
        if (this.#state !== "open") return;
        this.outbox.wake(this.#busyPoll);
        this.#parser?.push(chunk);
      });
    }
    if (stream.destroyed || stream.readableEnded) process.nextTick(() => this.#end(stream.errored ?? undefined));
    else stream.resume();
  }

  /** Where the socket should read to next. */
  receiveInto(): Uint8Array | undefined {
    return this.#parser?.target;
  }

  received(bytes: number, buffer: Buffer): void {
    const parser = this.#parser;
    if (parser === undefined || this.#state !== "open") return;
    this.outbox.wake(this.#busyPoll);
    if (buffer === slab) parser.push(slab.subarray(0, bytes));
    else parser.received(bytes);
  }

  write(buffers: readonly Buffer[]): "done" | "pending" {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return "done";
    const last = buffers.length - 1;
    if (last > 0) stream.cork();
    for (let i = 0; i < last; i++) stream.write(buffers[i]);
    stream.write(buffers[last], this.#written);
    if (last > 0) stream.uncork();
    if (stream.writableLength === 0) return "done";
    this.#output = "backlogged";
    return "pending";
  }

  readonly #written = (): void => {
    if (this.#output === "idle" || this.#stream.writableLength !== 0) return;
    this.#output = "idle";
    if (this.#state !== "closed") this.#receiver?.onDrain();
  };

  #onEnd(): void {
    if (this.#parser?.partial === true || !tellsHalfClose(this.#stream)) return this.#end(undefined);
    this.#peerState = "halfClosed";
    this.#look(() => this.#receiver?.onHalfClose());
  }

  probe(): void {
    this.#look(() => {});
  }

  /** Writes nothing, which fails if the peer is gone: an error ends the channel. */
  #look(there: () => void): void {
    this.#stream.write(NOTHING, (error) => {
      if (!error && this.#state === "open") there();
    });
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  ref(): void {
    (this.#stream as Partial<Socket>).ref?.();
  }

  unref(): void {
    (this.#stream as Partial<Socket>).unref?.();
  }

  close(): void {
    if (this.#state === "closed") return;
    this.outbox.unregister(this.handle);
    this.#state = "closed";
    this.#stream.destroy();
  }

  #end(cause: Error | undefined): void {
    if (this.#state !== "open" || this.#receiver === undefined) return;
    this.#state = "ended";
    this.#receiver.onEnd(cause ?? (this.#parser?.partial ? new Error("the peer hung up in the middle of a frame") : undefined));
  }
}
