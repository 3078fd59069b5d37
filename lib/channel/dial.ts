// Makes the channel of a client: by address, over the addon or over node:net; or over a Duplex.
import type { Duplex } from "node:stream";
import type { ClientConfig } from "../config.js";
import { startTimer } from "../deadlines.js";
import { canceled, Code, TtrpcError } from "../errors.js";
import type { Address } from "../peer.js";
import { type ParsedAddress, parseAddress, VSOCK_ANY } from "./address.js";
import type { Channel } from "./channel.js";
import { chooseChannel, nodePath, resolveHost } from "./choose.js";
import type { Attempts } from "./hvsock.js";
import { inTurn } from "./in-turn.js";
import { type BusyPoll, connectAtOnce, connectNative } from "./native.js";
import { net } from "../builtin.js";
import { addressOf, NodeChannel, SlabReader } from "./node.js";
import { addressError } from "./system-error.js";

export async function dial(target: Address | Duplex, config: ClientConfig): Promise<Channel> {
  if (isDuplex(target)) {
    if (config.channel === "native") throw new TypeError('a Duplex cannot be carried by channel "native"');
    return new NodeChannel(target, { address: addressOf(target) }, config.busyPollMicros);
  }
  const to = parseAddress(target);
  if (to.kind === "vsock" && (to.cid === VSOCK_ANY || to.port === VSOCK_ANY)) {
    throw new TtrpcError(Code.InvalidArgument, `cannot connect to ${target}: any cid and any port are for listening; cid 1 is this machine, 2 the host`);
  }
  try {
    return openAtOnce(to, target, config) ?? (await openInTime(to, target, config));
  } catch (error) {
    throw error instanceof TtrpcError ? error : addressError("connect", target, error as Error);
  }
}

/** Without a timer, a signal and whoever waits for them: 0.8 ms of a process's start. */
function openAtOnce(to: ParsedAddress, address: Address, config: ClientConfig): Channel | undefined {
  if (to.kind !== "unix" && to.kind !== "abstract" && to.kind !== "fd") return undefined;
  const chosen = chooseChannel(config.channel, to, address);
  return chosen.kind === "native" ? connectAtOnce(chosen.binding, to, address, config.busyPollMicros) : undefined;
}

/** Within `connectTimeoutMs`, unless the caller gives up before. */
async function openInTime(to: ParsedAddress, target: Address, config: ClientConfig): Promise<Channel> {
  const attempts: Attempts = { failure: undefined };
  const give = new AbortController();
  const timer = startTimer(config.connectTimeoutMs, () => {
    const text = `cannot connect to ${target}: no answer within ${config.connectTimeoutMs} ms`;
    give.abort(new TtrpcError(Code.DeadlineExceeded, text, { cause: attempts.failure }));
  });
  const cancel = (): void => give.abort(canceled(config.signal?.reason));
  config.signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await open(to, target, config, give.signal, attempts);
  } catch (error) {
    throw give.signal.aborted ? give.signal.reason : error;
  } finally {
    clearTimeout(timer);
    config.signal?.removeEventListener("abort", cancel);
  }
}

async function open(to: ParsedAddress, address: Address, config: ClientConfig, signal: AbortSignal, attempts: Attempts): Promise<Channel> {
  const chosen = chooseChannel(config.channel, to, address);
  if (to.kind === "hvsock") {
    // Imported by whom it serves: start-up time.
    const { dialGuest } = await import("./hvsock-dial.js");
    return dialGuest(chosen, to, address, config.busyPollMicros, signal, attempts);
  }
  if (chosen.kind === "node") return inTurn(() => openNode(to, address, config.busyPollMicros, signal), signal);
  return connectNative(chosen.binding, await resolveHost(to), address, config.busyPollMicros, signal);
}

function openNode(to: ParsedAddress, address: Address, busyPoll: BusyPoll, signal: AbortSignal): Promise<Channel> {
  if (to.kind === "fd") return Promise.resolve(new NodeChannel(new (net().Socket)({ fd: to.fd, readable: true, writable: true }), { address }, busyPoll));
  return new Promise((resolve, reject) => {
    const reader = new SlabReader();
    const where = to.kind === "tcp" ? { host: to.host, port: to.port, noDelay: true } : { path: nodePath(to, address) };
    const socket = net().connect({ ...where, onread: reader.onread });
    socket.pause();
    const abort = (): void => void socket.destroy(signal.reason as Error);
    const failed = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      reject(error);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", failed);
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.removeListener("error", failed);
      resolve(new NodeChannel(socket, { address }, busyPoll, reader));
    });
  });
}

/** Streams of every library count: what matters is what they can do. */
function isDuplex(target: unknown): target is Duplex {
  return typeof target === "object" && target !== null && typeof (target as Duplex).write === "function" && typeof (target as Duplex).on === "function";
}
