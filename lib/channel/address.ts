// Address strings, and what they mean.
import { Code, TtrpcError } from "../errors.js";
import type { Address } from "../peer.js";

export type UnixAddress = { readonly kind: "unix"; readonly path: string } | { readonly kind: "abstract"; readonly name: string };

export type ParsedAddress =
  | UnixAddress
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "vsock"; readonly cid: number; readonly port: number }
  /** A port of a guest, behind the socket of its virtual machine monitor. */
  | { readonly kind: "hvsock"; readonly socket: UnixAddress; readonly port: number }
  | { readonly kind: "fd"; readonly fd: number }
  | { readonly kind: "pipe"; readonly path: string };

/** Longest path a unix socket can have: sun_path, less its end. Node cuts longer ones silently. */
export const MAX_PATH_BYTES = 107;

/** The kernel's word for any cid, and for any port: 2^32 - 1. */
export const VSOCK_ANY = 0xffff_ffff;

const FORMS = 'use "unix:///path", "unix:@abstract", "/path", "tcp://host:port", "vsock://cid:port", "hvsock:///path:port" or "fd:3"';

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
  if (address.startsWith("vsock://")) return parseVsock(address, address.slice(8));
  if (address.startsWith("hvsock://")) return parseHvsock(address, address.slice(9));
  if (address.startsWith("/") || address.startsWith("./") || address.startsWith("../") || address.startsWith("@")) return parseUnix(address, address);
  throw invalid(address, FORMS);
}

function parseUnix(address: string, rest: string): UnixAddress {
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

function parseVsock(address: string, rest: string): ParsedAddress {
  const match = /^(-1|\d+):(\d+)$/.exec(rest);
  const cid = match?.[1] === "-1" ? VSOCK_ANY : Number(match?.[1]);
  const port = Number(match?.[2]);
  if (match === null || cid > VSOCK_ANY || port > VSOCK_ANY) {
    throw invalid(address, `vsock addresses are "vsock://cid:port", with cid 0 to ${VSOCK_ANY}, or -1 to listen for any, and port 0 to ${VSOCK_ANY}`);
  }
  return { kind: "vsock", cid, port };
}

function parseHvsock(address: string, rest: string): ParsedAddress {
  const match = /^(.*):(\d+)$/s.exec(rest);
  const port = Number(match?.[2]);
  if (match === null || port > VSOCK_ANY) throw invalid(address, `hvsock addresses are "hvsock:///path:port", with port 0 to ${VSOCK_ANY}`);
  return { kind: "hvsock", socket: parseUnix(address, match[1] ?? ""), port };
}

function parseFd(address: string, rest: string): ParsedAddress {
  if (!/^\d{1,9}$/.test(rest)) throw invalid(address, 'inherited descriptors are "fd:3"');
  return { kind: "fd", fd: Number(rest) };
}

/** The address of a TCP socket. */
export function tcpAddress(host: string, port: number): Address {
  return host.includes(":") ? `tcp://[${host}]:${port}` : `tcp://${host}:${port}`;
}
