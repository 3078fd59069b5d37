// Address strings, and what they mean.
import { Code, TtrpcError } from "../errors.js";
import type { Address } from "../peer.js";

export type ParsedAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "abstract"; readonly name: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "fd"; readonly fd: number }
  | { readonly kind: "pipe"; readonly path: string };

/** Longest path a unix socket can have: sun_path, less its end. Node cuts longer ones silently. */
export const MAX_PATH_BYTES = 107;

const FORMS = 'use "unix:///path", "unix:@abstract", "/path", "tcp://host:port" or "fd:3"';

function invalid(address: string, why: string): TtrpcError {
  return new TtrpcError(Code.InvalidArgument, `address "${address}": ${why}`);
}

/** Parses an address or says what is wrong with it. */
export function parseAddress(address: Address): ParsedAddress {
  if (typeof address !== "string") throw new TtrpcError(Code.InvalidArgument, `an address must be a string, not ${typeof address}; ${FORMS}`);
  if (address.startsWith("unix:")) return parseUnix(address, address.startsWith("unix://") ? address.slice(7) : address.slice(5));
  if (address.startsWith("tcp://")) return parseTcp(address, address.slice(6));
  if (address.startsWith("fd:")) return parseFd(address, address.slice(3));
  if (address.startsWith("npipe:")) return { kind: "pipe", path: address.slice(6).replace(/^\/\//, "") };
  if (/^h?vsock:/.test(address)) throw new TtrpcError(Code.Unimplemented, `address "${address}": vsock is not supported yet`);
  if (address.startsWith("/") || address.startsWith("./") || address.startsWith("../") || address.startsWith("@")) return parseUnix(address, address);
  throw invalid(address, FORMS);
}

function parseUnix(address: string, rest: string): ParsedAddress {
  if (rest === "" || rest === "@") throw invalid(address, "the path is empty");
  if (rest.includes("\0")) throw invalid(address, "a path has no NUL bytes; write an abstract name as unix:@name");
  const abstract = rest.startsWith("@");
  const bytes = Buffer.byteLength(rest);
  if (bytes > MAX_PATH_BYTES)
    throw invalid(address, `${abstract ? "name" : "path"} of ${bytes} bytes exceeds the ${MAX_PATH_BYTES} byte limit of unix sockets`);
  return abstract ? { kind: "abstract", name: rest.slice(1) } : { kind: "unix", path: rest };
}

function parseTcp(address: string, rest: string): ParsedAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d+)$/.exec(rest);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw invalid(address, 'TCP addresses are "tcp://host:port", with port 0 to 65535');
  return { kind: "tcp", host: match[1] ?? (match[2] || "127.0.0.1"), port };
}

function parseFd(address: string, rest: string): ParsedAddress {
  if (!/^\d{1,9}$/.test(rest)) throw invalid(address, 'inherited descriptors are "fd:3"');
  return { kind: "fd", fd: Number(rest) };
}

/** The address of a TCP socket. */
export function tcpAddress(host: string, port: number): Address {
  return host.includes(":") ? `tcp://[${host}]:${port}` : `tcp://${host}:${port}`;
}
