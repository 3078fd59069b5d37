// One request and one line over a socket of node:net, which then carries the connection.
import { net } from "../builtin.js";
import type { Ask, Greeted } from "./hvsock.js";
import type { BusyPoll } from "./native.js";
import { NodeChannel, SlabReader } from "./node.js";

const NEWLINE = 0x0a;
/** What a write or a read ends with when the peer has closed without having read the request. */
const HANG_UPS: readonly (string | undefined)[] = ["EPIPE", "ECONNRESET"];

/** Connects, and asks. Rejects with a system error or the signal's reason; undefined if the peer hangs up before its line. */
export function greetNode(
  path: string,
  address: string,
  busyPoll: BusyPoll,
  { request, maxLineBytes }: Ask,
  signal: AbortSignal,
): Promise<Greeted | undefined> {
  return new Promise((resolve, reject) => {
    const reader = new SlabReader();
    const line: number[] = [];
    let state: "connecting" | "line" | "frames" = "connecting";
    // The line is read a byte at a time: what follows it stays in the system for the channel's own reads.
    const byte = Buffer.alloc(1);
    const onread = {
      buffer: (): Uint8Array => (state === "frames" ? reader.onread.buffer() : byte),
      callback: (bytes: number, buffer: Uint8Array): boolean => {
        if (state === "frames") return reader.onread.callback(bytes, buffer);
        line.push(byte[0] as number);
        if (byte[0] === NEWLINE || line.length === maxLineBytes) greeted();
        return true;
      },
    };
    const socket = net().connect({ path, onread });
    const release = (): void => {
      signal.removeEventListener("abort", abort);
      socket.removeListener("error", failed).removeListener("end", hungUp);
    };
    const greeted = (): void => {
      state = "frames";
      socket.pause();
      release();
      resolve({ line: Buffer.from(line).toString(), channel: new NodeChannel(socket, { address }, busyPoll, reader) });
    };
    const hungUp = (): void => {
      release();
      socket.destroy();
      resolve(undefined);
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      release();
      if (state === "line" && HANG_UPS.includes(error.code)) resolve(undefined);
      else reject(error);
    };
    const abort = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", failed).once("end", hungUp);
    socket.once("connect", () => {
      state = "line";
      socket.write(request);
    });
    // Reads once it is connected.
    socket.resume();
  });
}
