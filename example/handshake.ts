// The platform's handshake: where the kernel says who connects, only this user may.
import { type Handshake, requireSameUser } from "ttrpc";

/** Peer credentials need unix sockets of Linux and the native channel; elsewhere the socket file's mode (0600) guards alone. */
export function platformHandshake(channel: "native" | "node"): Handshake | undefined {
  return process.platform === "linux" && channel === "native" ? requireSameUser() : undefined;
}
