// The virtual machine monitor's end of a hybrid vsock: a unix socket on which each connection begins with a line that asks
// for a port of the guest. How it is answered is the test's choice.
import { connect as netConnect, createServer, type Socket } from "node:net";
import { RawPeer } from "../support/raw.js";
import { freePath } from "../support/channels.js";
import { until } from "./links.js";

const NEWLINE = 0x0a;

/** One connection to the monitor, which has asked. */
export interface Asked {
  readonly socket: Socket;
  /** Counted from 1. */
  readonly attempt: number;
  /** Writes; resolves when the system has it. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Goes on as a guest driven by hand. */
  raw(): RawPeer;
  /** Goes on as the ttrpc server at a unix address. */
  pipe(address: string): void;
}

export interface Vmm extends AsyncDisposable {
  readonly path: string;
  /** Where `connect` finds port 1024 of its guest. */
  readonly address: string;
  /** What each connection has asked, in hex, and when. */
  readonly requests: readonly { readonly hex: string; readonly at: number }[];
  /** Connections that are open. */
  readonly open: ReadonlySet<Socket>;
  /** Waits until `count` connections have asked. */
  asked(count: number): Promise<void>;
}

export interface VmmOptions {
  /** Called as soon as a connection is made, before it asks. */
  readonly onConnection?: (socket: Socket, attempt: number) => void;
}

export async function startVmm(answer: (asked: Asked) => void | Promise<void>, { onConnection }: VmmOptions = {}): Promise<Vmm> {
  const path = freePath();
  const requests: { hex: string; at: number }[] = [];
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const attempt = ++connections;
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
    onConnection?.(socket, attempt);
    readRequest(socket, (request) => {
      requests.push({ hex: request.toString("hex"), at: performance.now() });
      void answer(asked(socket, attempt));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    address: `hvsock://${path}:1024`,
    requests,
    open,
    asked: (count) => until(() => requests.length >= count, `${count} connections that ask`),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads to the end of the first line; what follows stays in the socket. */
function readRequest(socket: Socket, done: (request: Buffer) => void): void {
  let request = Buffer.alloc(0);
  const take = (chunk: Buffer): void => {
    const end = chunk.indexOf(NEWLINE) + 1;
    request = Buffer.concat([request, end === 0 ? chunk : chunk.subarray(0, end)]);
    if (end === 0) return;
    socket.removeListener("data", take).removeListener("end", hungUp).pause();
    if (end < chunk.length) socket.unshift(chunk.subarray(end));
    done(request);
  };
  const hungUp = (): void => void socket.destroy();
  socket.on("data", take).once("end", hungUp);
}

function asked(socket: Socket, attempt: number): Asked {
  // A client that gives up is seen even if the test does nothing with the connection.
  socket.resume().once("end", () => socket.end());
  return {
    socket,
    attempt,
    write: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    raw: () => new RawPeer(socket),
    pipe: (address) => {
      const guest = netConnect({ path: address.replace(/^unix:\/\//, ""), allowHalfOpen: true });
      const end = (): void => {
        socket.destroy();
        guest.destroy();
      };
      guest.on("error", end).once("close", end);
      socket.once("close", end);
      socket.pipe(guest);
      guest.pipe(socket);
    },
  };
}
