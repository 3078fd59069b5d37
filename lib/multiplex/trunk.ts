// The trunk of a multiplexer by its address.
import type { Socket } from "node:net";
import { net } from "../builtin.js";
import { parseAddress } from "../channel/address.js";
import { nodePath } from "../channel/choose.js";
import { addressError } from "../channel/system-error.js";
import { CONNECT_TIMEOUT_MS } from "../config.js";
import { startTimer } from "../deadlines.js";
import { Code, TtrpcError } from "../errors.js";
import type { Address } from "../peer.js";

export interface OpenedTrunk {
  readonly stream: Socket;
  /** What an error of the stream means. */
  readonly explain: (error: Error) => Error;
}

/** A socket that connects, or one that was inherited. What is written meanwhile goes out when it has connected. */
export function openTrunk(address: Address): OpenedTrunk {
  const to = parseAddress(address);
  if (to.kind === "fd") return { stream: new (net().Socket)({ fd: to.fd, readable: true, writable: true }), explain: (error) => error };
  const stream = net().connect(to.kind === "tcp" ? { host: to.host, port: to.port, noDelay: true } : { path: nodePath(to, address) });
  const late = new TtrpcError(Code.DeadlineExceeded, `cannot connect to ${address}: no answer within ${CONNECT_TIMEOUT_MS} ms`);
  const timer = startTimer(CONNECT_TIMEOUT_MS, () => stream.destroy(late));
  let state: "connecting" | "connected" = "connecting";
  stream.once("connect", () => (state = "connected"));
  for (const event of ["connect", "close"]) stream.once(event, () => clearTimeout(timer));
  return { stream, explain: (error) => (state === "connected" || error === late ? error : addressError("connect", address, error)) };
}
