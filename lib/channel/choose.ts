// Which channel carries an address: the addon's where it can be had, else Node's; and the address as each takes it.
import { Code, TtrpcError } from "../errors.js";
import type { Address } from "../peer.js";
import type { ParsedAddress } from "./address.js";
import { type Binding, loadBinding } from "./binding.js";
import { net } from "../builtin.js";

export type Chosen = { readonly kind: "native"; readonly binding: Binding } | { readonly kind: "node" };

export function chooseChannel(wanted: "auto" | "native" | "node", address: ParsedAddress, text: Address): Chosen {
  if (wanted === "node" || address.kind === "pipe") {
    if (wanted === "native") throw new TtrpcError(Code.InvalidArgument, `${text}: named pipes need channel "node"`);
    if (address.kind === "vsock") throw new TtrpcError(Code.Unimplemented, `${text}: vsock needs the native channel: node:net cannot carry it`);
    return { kind: "node" };
  }
  const { binding, reason } = loadBinding();
  if (binding !== undefined) return { kind: "native", binding };
  if (wanted === "native") throw new TtrpcError(Code.Unimplemented, `channel "native": the addon cannot be loaded: ${reason.message}`, { cause: reason });
  if (address.kind === "vsock") {
    throw new TtrpcError(Code.Unimplemented, `${text}: vsock needs the native channel: the addon cannot be loaded: ${reason.message}`, { cause: reason });
  }
  return { kind: "node" };
}

/** Node before 24 pads an abstract name with NUL bytes: no other program knows it by that. */
const EXACT_ABSTRACT_MAJOR = 24;

/** A path for node:net. */
export function nodePath(address: ParsedAddress, text: Address): string {
  if (address.kind === "abstract") {
    if (Number.parseInt(process.versions.node) < EXACT_ABSTRACT_MAJOR) {
      throw new TtrpcError(
        Code.Unimplemented,
        `${text}: abstract sockets need the native channel or Node ${EXACT_ABSTRACT_MAJOR}; this is Node ${process.versions.node} without the addon`,
      );
    }
    return `\0${address.name}`;
  }
  return address.kind === "unix" || address.kind === "pipe" ? address.path : "";
}

/** The addon takes IP addresses only. */
export async function resolveHost(address: ParsedAddress): Promise<ParsedAddress> {
  if (address.kind !== "tcp" || net().isIP(address.host) !== 0) return address;
  // Imported by whom it serves: start-up time.
  const { lookup } = await import("node:dns/promises");
  return { ...address, host: (await lookup(address.host)).address };
}
