// Who is at the other end of a connection.

/**
 * "unix:///run/x.sock", "/run/x.sock", "unix:@abstract", "tcp://127.0.0.1:1024", "fd:3". Parsed by `parseAddress`.
 */
export type Address = string;

/** Process, user and group ids come from the kernel (SO_PEERCRED), for unix sockets on the native channel. */
export interface Peer {
  readonly address: Address;
  readonly pid?: number;
  readonly uid?: number;
  readonly gid?: number;
}
