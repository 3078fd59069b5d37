// Makes a server's listening socket, over the addon or over node:net.
import type { Stats } from "node:fs";
import type { Server as NetServer } from "node:net";
import { dirname } from "node:path";
import { Code, TtrpcError } from "../errors.js";
import type { Address } from "../peer.js";
import { type ParsedAddress, parseAddress, tcpAddress } from "./address.js";
import type { Binding } from "./binding.js";
import type { Channel } from "./channel.js";
import { chooseChannel, nodePath, resolveHost } from "./choose.js";
import { type BusyPoll, listenNative, NativeListener } from "./native.js";
import { nativeOutbox } from "./native-outbox.js";
import { addressOf, NodeChannel } from "./node.js";
import { fs, net, workerThreads } from "../builtin.js";
import { addressError, errnoError } from "./system-error.js";

export interface ListenOptions {
  readonly channel: "auto" | "native" | "node";
  readonly busyPollMicros: BusyPoll;
  /** Permissions of a unix socket's file. */
  readonly mode: number;
  /** A connection has been made. */
  readonly onChannel: (channel: Channel) => void;
  /** One could not be accepted; the listener goes on. */
  readonly onError: (error: Error) => void;
  /** Called before listening with the kind that will be. */
  readonly onChoice: (kind: "native" | "node") => void;
}

/** A socket that accepts. */
export interface Listening {
  readonly address: Address;
  /** Stops accepting. Idempotent. */
  close(): void;
}

export async function listen(address: Address, options: ListenOptions): Promise<Listening> {
  const on = parseAddress(address);
  if (on.kind === "hvsock") throw (await import("./hvsock.js")).notForListening(on, address);
  const chosen = chooseChannel(options.channel, on, address);
  options.onChoice(chosen.kind);
  const attempt = chosen.kind === "native" ? () => listenNatively(chosen.binding, on, options) : () => listenNode(on, address, options);
  try {
    try {
      return owning(on, await attempt());
    } catch (error) {
      if (on.kind !== "unix" || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      await removeStale(on.path, address);
      return owning(on, await attempt());
    }
  } catch (error) {
    throw error instanceof TtrpcError ? error : addressError("listen", address, missingFolder(on, error as NodeJS.ErrnoException));
  }
}

const ENOENT = -2;

/** libuv reports a folder that is not there as EACCES. */
function missingFolder(on: ParsedAddress, error: NodeJS.ErrnoException): Error {
  if (on.kind !== "unix" || error.code !== "EACCES") return error;
  try {
    return statOf(dirname(on.path)) === undefined ? errnoError("listen", ENOENT) : error;
  } catch {
    return error;
  }
}

async function listenNatively(binding: Binding, on: ParsedAddress, options: ListenOptions): Promise<Listening> {
  const handle = listenNative(binding, await resolveHost(on), options.mode);
  if (handle < 0) throw errnoError("listen", handle);
  return new NativeListener(nativeOutbox(binding), handle, options.busyPollMicros, options.onChannel, options.onError);
}

function listenNode(on: ParsedAddress, address: Address, options: ListenOptions): Promise<Listening> {
  const server = net().createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true });
  const unnamed = on.kind === "tcp" ? undefined : "unix:";
  server.on("connection", (socket) => options.onChannel(new NodeChannel(socket, { address: unnamed ?? addressOf(socket) }, options.busyPollMicros)));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const listening = (): void => {
      server.removeListener("error", reject);
      server.on("error", options.onError);
      if (on.kind === "unix") fs().chmodSync(on.path, options.mode);
      resolve(nodeListening(server, on, address));
    };
    if (on.kind === "tcp") server.listen(on.port, on.host, listening);
    else if (on.kind === "fd") server.listen({ fd: on.fd }, listening);
    else withMode(options.mode, () => server.listen(nodePath(on, address), listening));
  });
}

/** `bind` applies the umask: without this the file would have wider permissions until `chmod`. Workers cannot set it. */
function withMode(mode: number, bind: () => void): void {
  if (!workerThreads().isMainThread || process.platform === "win32") return bind();
  const umask = process.umask(0o777 & ~mode);
  try {
    bind();
  } finally {
    process.umask(umask);
  }
}

function nodeListening(server: NetServer, on: ParsedAddress, address: Address): Listening {
  const bound = server.address();
  return {
    address: on.kind !== "tcp" ? address : typeof bound === "object" && bound !== null ? tcpAddress(bound.address, bound.port) : address,
    close: () => void server.close(),
  };
}

/** The listener removes its socket file when it closes, if it is still its own. Go does so, too. */
function owning(on: ParsedAddress, listening: Listening): Listening {
  if (on.kind !== "unix") return listening;
  const own = statOf(on.path);
  let state: "listening" | "closed" = "listening";
  return {
    address: `unix://${on.path}`,
    close: () => {
      if (state === "closed") return;
      state = "closed";
      const now = statOf(on.path);
      if (now === undefined) listening.close();
      else if (now.ino === own?.ino && now.dev === own.dev) {
        listening.close();
        removeFile(on.path);
      } else sparing(on.path, () => listening.close());
    },
  };
}

/** libuv removes the file by its name when it closes, whoever's it is by then: somebody else's gets its name back. */
function sparing(path: string, close: () => void): void {
  const kept = `${path}.${process.pid}`;
  try {
    fs().linkSync(path, kept);
  } catch {
    // No hard links here, or no room for the name: the listener must close all the same.
    return close();
  }
  close();
  if (statOf(path) === undefined) fs().linkSync(kept, path);
  removeFile(kept);
}

/** Removes the socket file of a dead server; throws if somebody answers on it, or if it is no socket. */
async function removeStale(path: string, address: Address): Promise<void> {
  const before = statOf(path);
  if (before === undefined) return;
  if (!before.isSocket()) throw new TtrpcError(Code.AlreadyExists, `cannot listen on ${address}: ${path} is there and is not a socket`);
  const code = await probe(path);
  if (code === "ENOENT") return;
  if (code !== "ECONNREFUSED") {
    throw new TtrpcError(Code.AlreadyExists, `cannot listen on ${address}: ${code === undefined ? "another server answers on it" : `it is in use (${code})`}`);
  }
  if (statOf(path)?.ino === before.ino) removeFile(path);
}

/** Undefined if somebody answers on `path`, else the code of why not. */
function probe(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net().connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function statOf(path: string): Stats | undefined {
  return fs().statSync(path, { throwIfNoEntry: false });
}

function removeFile(path: string): void {
  try {
    fs().unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
