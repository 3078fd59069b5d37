// The channel over the addon, and its listener: sockets are read, parsed and written in C++ on the event loop's own libuv loop.
import type { Peer } from "../peer.js";
import type { ParsedAddress } from "./address.js";
import { type Binding, BUSY_POLL_AUTO, EVENT_ACCEPT, EVENT_ACCEPT_ERROR, EVENT_CONNECTED, EVENT_DRAIN, EVENT_END } from "./binding.js";
import type { Channel, ChannelReceiver } from "./channel.js";
import { type NativeOutbox, nativeOutbox, type NativeSocket } from "./native-outbox.js";
import { errnoError } from "./system-error.js";

/** `busyPollMicros` of the options. */
export type BusyPoll = number | "auto";

export class NativeChannel implements Channel, NativeSocket {
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
  #peerState: "open" | "halfClosed" = "open";

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
    else if (kind === EVENT_END) this.#onEnd(value);
  }

  #onEnd(value: number): void {
    if (value === 0 && this.#binding.peerReads(this.handle)) {
      this.#peerState = "halfClosed";
      this.receiver?.onHalfClose();
    } else this.receiver?.onEnd(value === 0 || this.#peerState === "halfClosed" ? undefined : endError(value));
  }

  open(receiver: ChannelReceiver, maxMessageBytes: number): void {
    // Before reading starts: a reply can be parsed before this function returns to its caller.
    void this.peer;
    this.receiver = receiver;
    this.#binding.setMaxMessageBytes(this.handle, maxMessageBytes);
    this.#binding.start(this.handle);
  }

  probe(): void {
    if (!this.#binding.peerReads(this.handle)) this.receiver?.onEnd(undefined);
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

/** What an end that is not clean means. */
function endError(value: number): Error {
  return value > 0 ? new Error("the peer hung up in the middle of a frame") : errnoError(value === EPIPE ? "write" : "read", value);
}

/** A listening socket of the addon. */
export class NativeListener implements NativeSocket {
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

/** Connects, at once to a socket of this machine; else it has begun to. Undefined while the listener's backlog is full; throws a system error. */
export function connectAtOnce(binding: Binding, to: ParsedAddress, address: string, busyPoll: BusyPoll): NativeChannel | undefined {
  const handle = connectOnce(binding, to);
  if (handle === EAGAIN) return undefined;
  if (handle < 0) throw errnoError("connect", handle);
  return new NativeChannel(nativeOutbox(binding), handle, busyPoll, address);
}

/** Connects; rejects with a system error, or with the signal's reason. */
export async function connectNative(binding: Binding, to: ParsedAddress, address: string, busyPoll: BusyPoll, signal: AbortSignal): Promise<NativeChannel> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
  aborted.catch(() => {});
  let channel = connectAtOnce(binding, to, address, busyPoll);
  for (; channel === undefined; channel = connectAtOnce(binding, to, address, busyPoll)) {
    await Promise.race([aborted, new Promise((resolve) => setTimeout(resolve, BACKLOG_RETRY_MS))]);
  }
  try {
    if (to.kind === "tcp" || to.kind === "vsock") await Promise.race([channel.connected(), aborted]);
  } catch (error) {
    channel.close();
    throw error;
  }
  return channel;
}

function connectOnce(binding: Binding, to: ParsedAddress): number {
  nativeOutbox(binding);
  if (to.kind === "tcp") return binding.connectTcp(to.host, to.port);
  if (to.kind === "vsock") return binding.connectVsock(to.cid, to.port);
  if (to.kind === "fd") return binding.adopt(to.fd);
  return binding.connectUnix(socketName(to));
}

/** Listens; returns the listener's handle or a negative errno. */
export function listenNative(binding: Binding, on: ParsedAddress, mode: number): number {
  nativeOutbox(binding);
  if (on.kind === "tcp") return binding.listenTcp(on.host, on.port, BACKLOG);
  if (on.kind === "vsock") return binding.listenVsock(on.cid, on.port, BACKLOG);
  if (on.kind === "fd") return binding.adoptListener(on.fd);
  return binding.listenUnix(socketName(on), mode, BACKLOG);
}

/** A path as the addon takes it. */
export function socketName(address: ParsedAddress): string {
  return address.kind === "abstract" ? `\0${address.name}` : address.kind === "unix" || address.kind === "pipe" ? address.path : "";
}

/** The addon's "unix:/path", "tcp:1.2.3.4:5" and "vsock:3:4" as addresses. */
function addressOf(native: string): string {
  return native === "unix:" || native.startsWith("unix:@") ? native : native.replace(/^(unix|tcp|vsock):/, "$1://");
}
