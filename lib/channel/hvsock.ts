// Hybrid vsock: a guest's vsock port behind a unix socket of its virtual machine monitor (VMM), as Firecracker, Cloud Hypervisor
// and Dragonball have it. The client asks for the port with a line, and the VMM answers with one: "CONNECT 1024", "OK 1073741824".
// From then on the socket is the connection.
import { Code, TtrpcError } from "../errors.js";
import type { Address } from "../peer.js";
import type { ParsedAddress } from "./address.js";
import type { Channel } from "./channel.js";

export type HvsockAddress = Extract<ParsedAddress, { readonly kind: "hvsock" }>;

/** What a client asks a VMM, and how long its answer may be. */
export interface Ask {
  readonly request: string;
  readonly maxLineBytes: number;
}

/** The VMM's answer, with its end unless it is too long, and the connection behind it. */
export interface Greeted {
  readonly line: string;
  readonly channel: Channel;
}

/** Connects to the VMM and asks. Undefined if it hangs up before it has answered. */
export type Greet = (ask: Ask) => Promise<Greeted | undefined>;

/** How the last attempt failed, for the error of whoever gives up. */
export interface Attempts {
  failure: Error | undefined;
}

/** Real answers have about 15 bytes. */
const MAX_LINE_BYTES = 256;
/** A guest that boots listens within seconds: eleven attempts in the first three, and two a second from then on. */
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 500;

/**
 * Connects to a port of a guest. A VMM hangs up while nothing listens on that port: then it is asked again, until `signal`
 * gives up. Anything else but "OK" is an error.
 */
export async function connectGuest(greet: Greet, to: HvsockAddress, address: Address, signal: AbortSignal, attempts: Attempts): Promise<Channel> {
  const ask: Ask = { request: `CONNECT ${to.port}\n`, maxLineBytes: MAX_LINE_BYTES };
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    const greeted = await greet(ask);
    if (greeted !== undefined) return accepted(greeted, address);
    attempts.failure = new Error(`the virtual machine monitor hung up: nothing listens on port ${to.port} of the guest`);
    await pause(pauseMs, signal);
  }
}

function accepted({ line, channel }: Greeted, address: Address): Channel {
  const ended = line.endsWith("\n");
  if (ended && line.startsWith("OK")) return channel;
  channel.close();
  const why = ended
    ? `the virtual machine monitor answered ${JSON.stringify(line.slice(0, -1))}, not "OK"`
    : `the virtual machine monitor's answer exceeds the ${MAX_LINE_BYTES} byte limit: ${JSON.stringify(line)}`;
  throw new TtrpcError(Code.Unavailable, `cannot connect to ${address}: ${why}`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}

/** Why a server does not listen on hvsock, and where it does. */
export function notForListening({ socket, port }: HvsockAddress, address: Address): TtrpcError {
  const path = socket.kind === "unix" ? socket.path : `@${socket.name}`;
  return new TtrpcError(
    Code.InvalidArgument,
    `cannot listen on ${address}: hvsock is for clients. A server inside the guest listens on vsock://-1:${port}; ` +
      `a server on the host, for connections that a guest begins, on unix://${path}_${port}, where the virtual machine monitor connects`,
  );
}
