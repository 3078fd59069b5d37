// The channel over the addon: sockets are read, parsed and written in C++ on the event loop's own libuv loop.
import type { Peer } from "../peer.js";
import { IN_ROW_WORDS } from "../wire/frame.js";
import type { Reference } from "../wire/writer.js";
import type { ParsedAddress } from "./address.js";
import { type Binding, BUSY_POLL_AUTO, EVENT_ACCEPT, EVENT_ACCEPT_ERROR, EVENT_CONNECTED, EVENT_DRAIN, EVENT_END } from "./binding.js";
import type { Channel, ChannelReceiver } from "./channel.js";
import { CONTROL_BACKLOGGED, CONTROL_REFERENCE_ROWS, Outbox } from "./outbox.js";
import { errnoError } from "./system-error.js";

const SLAB_BYTES = 262_144;
const IN_ROWS = 128;
const REFERENCE_ROWS = 1024;
const SLOT_MASK = 0xfffff;

/** `busyPollMicros` of the options. */
export type BusyPoll = number | "auto";

class NativeOutbox extends Outbox {
  readonly binding: Binding;
  readonly slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  readonly inTable: Uint32Array = new Uint32Array(IN_ROWS * IN_ROW_WORDS);
  readonly #refTable: Uint32Array = new Uint32Array(REFERENCE_ROWS * 2);
  readonly #refs: Uint8Array[] = [];
  readonly #sockets: (NativeChannel | NativeListener | undefined)[] = [];
  /** Moves on with every flush of ours and every batch: only then can a channel's queue have changed much. */
  epoch = 0;
  #arena: Buffer;

  constructor(binding: Binding) {
    super();
    this.binding = binding;
    this.#arena = this.writer.buf;
    binding.attach({
      slab: this.slab,
      inTable: this.inTable,
      outTable: this.table,
      refTable: this.#refTable,
      refs: this.#refs,
      control: this.control,
      onFrames: (handle, count) => this.#deliver(handle, this.slab, count, false),
      onLargeFrame: (handle, buffer) => this.#deliver(handle, buffer, 1, true),
      onEvent: (kind, handle, value) => this.#sockets[handle & SLOT_MASK]?.onEvent(kind, value),
    });
    binding.setArena(this.#arena);
  }

  #deliver(handle: number, slab: Buffer, count: number, owned: boolean): void {
    this.epoch++;
    (this.#sockets[handle & SLOT_MASK] as NativeChannel | undefined)?.receiver?.onFrames(slab, this.inTable, count, owned);
  }

  register(socket: NativeChannel | NativeListener): void {
    this.#sockets[socket.handle & SLOT_MASK] = socket;
  }

  unregister(socket: NativeChannel | NativeListener): void {
    this.#sockets[socket.handle & SLOT_MASK] = undefined;
  }

  get backlogged(): boolean {
    return this.control[CONTROL_BACKLOGGED] !== 0;
  }

  override flush(): void {
    super.flush();
    this.epoch++;
  }

  override abort(): void {
    super.abort();
    // The addon may flush without being asked: it must know where the arena is.
    this.#shareArena();
  }

  #shareArena(): void {
    const { buf } = this.writer;
    if (buf === this.#arena) return;
    this.#arena = buf;
    this.binding.setArena(buf);
  }

  protected override send(): void {
    const { writer } = this;
    this.#shareArena();
    const { references } = writer;
    if (references.length !== 0) this.#putReferences(references);
    this.binding.flush();
    writer.pos = 0;
  }

  #putReferences(references: Reference[]): void {
    const table = this.#refTable;
    for (let i = 0; i < references.length; i++) {
      const { position, bytes } = references[i] as Reference;
      table[i * 2] = position;
      table[i * 2 + 1] = bytes.length;
      this.#refs[i] = bytes;
    }
    this.control[CONTROL_REFERENCE_ROWS] = references.length;
    references.length = 0;
  }
}

/** Kept on the addon: it serves one outbox per event loop, however often this module is loaded there. */
const key = Symbol.for("ttrpc.outbox");

/** This event loop's outbox for native channels. */
export function nativeOutbox(binding: Binding): NativeOutbox {
  const holder = binding as { [key]?: NativeOutbox };
  holder[key] ??= new NativeOutbox(binding);
  return holder[key];
}
export type { NativeOutbox };

export class NativeChannel implements Channel {
  readonly kind = "native";
  readonly outbox: NativeOutbox;
  readonly handle: number;
  receiver: ChannelReceiver | undefined;
  readonly #binding: Binding;
  readonly #address: string | undefined;
  #peer: Peer | undefined;
  #connected: ((errno: number) => void) | undefined;
  #queued = 0;
  #queuedEpoch = -1;
  #state: "open" | "closed" = "open";

  constructor(outbox: NativeOutbox, handle: number, busyPoll: BusyPoll, address?: string) {
    this.outbox = outbox;
    this.handle = handle;
    this.#binding = outbox.binding;
    this.#address = address;
    outbox.register(this);
    this.#binding.setBusyPoll(handle, busyPoll === "auto" ? BUSY_POLL_AUTO : busyPoll);
  }

  /** Read on first use: most connections are never asked. */
  get peer(): Peer {
    if (this.#peer === undefined) {
      const credentials = this.#binding.peerCredentials(this.handle);
      const address = this.#address ?? addressOf(this.#binding.peerAddress(this.handle));
      this.#peer = credentials === undefined ? { address } : { address, pid: credentials[0], uid: credentials[1], gid: credentials[2] };
    }
    return this.#peer;
  }

  /** A call into the addon only while some channel is backlogged, and then once an epoch: senders ask per message. */
  get queuedBytes(): number {
    const { outbox } = this;
    if (!outbox.backlogged) return 0;
    if (this.#queuedEpoch !== outbox.epoch) {
      this.#queuedEpoch = outbox.epoch;
      this.#queued = this.#binding.queuedBytes(this.handle);
    }
    return this.#queued;
  }

  /** Resolves when the system has made the connection. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connected = (errno) => (errno === 0 ? resolve() : reject(errnoError("connect", errno)));
    });
  }

  onEvent(kind: number, value: number): void {
    if (kind === EVENT_DRAIN) {
      this.#queued = 0;
      this.receiver?.onDrain();
    } else if (kind === EVENT_CONNECTED) this.#connected?.(value);
    else if (kind === EVENT_END)
      this.receiver?.onEnd(
        value === 0 ? undefined : value > 0 ? new Error("the peer hung up in the middle of a frame") : errnoError(value === EPIPE ? "write" : "read", value),
      );
  }

  open(receiver: ChannelReceiver, maxMessageBytes: number): void {
    // Before reading starts: a reply can be parsed before this function returns to its caller.
    void this.peer;
    this.receiver = receiver;
    this.#binding.setMaxMessageBytes(this.handle, maxMessageBytes);
    this.#binding.start(this.handle);
  }

  pause(): void {
    this.#binding.pause(this.handle);
  }

  resume(): void {
    this.#binding.resume(this.handle);
  }

  ref(): void {
    this.#binding.ref(this.handle);
  }

  unref(): void {
    this.#binding.unref(this.handle);
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.receiver = undefined;
    this.#binding.close(this.handle);
    this.outbox.unregister(this);
  }
}

/** A listening socket of the addon. */
export class NativeListener {
  readonly handle: number;
  readonly address: string;
  readonly #outbox: NativeOutbox;
  readonly #busyPoll: BusyPoll;
  readonly #onChannel: (channel: NativeChannel) => void;
  readonly #onError: (error: Error) => void;
  #retry: NodeJS.Timeout | undefined;

  constructor(outbox: NativeOutbox, handle: number, busyPoll: BusyPoll, onChannel: (channel: NativeChannel) => void, onError: (error: Error) => void) {
    this.#outbox = outbox;
    this.handle = handle;
    this.#busyPoll = busyPoll;
    this.#onChannel = onChannel;
    this.#onError = onError;
    this.address = addressOf(outbox.binding.localAddress(handle));
    outbox.register(this);
    outbox.binding.start(handle);
  }

  onEvent(kind: number, value: number): void {
    if (kind === EVENT_ACCEPT) this.#onChannel(new NativeChannel(this.#outbox, value, this.#busyPoll));
    else if (kind === EVENT_ACCEPT_ERROR) {
      this.#onError(errnoError("accept", value));
      // Out of descriptors or memory: others may free some. The addon has stopped accepting until then.
      this.#retry = setTimeout(() => this.#outbox.binding.resume(this.handle), ACCEPT_RETRY_MS);
    }
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#outbox.binding.close(this.handle);
    this.#outbox.unregister(this);
  }
}

const ACCEPT_RETRY_MS = 100;
/** How long to wait before trying a listener whose backlog is full again. */
export const BACKLOG_RETRY_MS = 5;
const EAGAIN = -11;
const EPIPE = -32;
const BACKLOG = 4096;

/** Connects; rejects with a system error, or with the signal's reason. */
export async function connectNative(binding: Binding, to: ParsedAddress, address: string, busyPoll: BusyPoll, signal: AbortSignal): Promise<NativeChannel> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
  aborted.catch(() => {});
  let handle = connectOnce(binding, to);
  for (; handle === EAGAIN; handle = connectOnce(binding, to)) await Promise.race([aborted, new Promise((resolve) => setTimeout(resolve, BACKLOG_RETRY_MS))]);
  if (handle < 0) throw errnoError("connect", handle);
  const channel = new NativeChannel(nativeOutbox(binding), handle, busyPoll, address);
  try {
    if (to.kind === "tcp") await Promise.race([channel.connected(), aborted]);
  } catch (error) {
    channel.close();
    throw error;
  }
  return channel;
}

function connectOnce(binding: Binding, to: ParsedAddress): number {
  nativeOutbox(binding);
  if (to.kind === "tcp") return binding.connectTcp(to.host, to.port);
  if (to.kind === "fd") return binding.adopt(to.fd);
  return binding.connectUnix(socketName(to));
}

/** Listens; returns the listener's handle or a negative errno. */
export function listenNative(binding: Binding, on: ParsedAddress, mode: number): number {
  nativeOutbox(binding);
  if (on.kind === "tcp") return binding.listenTcp(on.host, on.port, BACKLOG);
  if (on.kind === "fd") return binding.adoptListener(on.fd);
  return binding.listenUnix(socketName(on), mode, BACKLOG);
}

function socketName(address: ParsedAddress): string {
  return address.kind === "abstract" ? `\0${address.name}` : address.kind === "unix" || address.kind === "pipe" ? address.path : "";
}

/** The addon's "unix:/path" and "tcp:1.2.3.4:5" as addresses. */
function addressOf(native: string): string {
  return native === "unix:" || native.startsWith("unix:@") ? native : native.replace(/^(unix|tcp):/, "$1://");
}
