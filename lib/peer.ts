// Who is at the other end of a connection.

/**
 * Where a server is: "unix:///run/x.sock", "/run/x.sock", "unix:@abstract", "tcp://127.0.0.1:1024", "fd:3"; and of virtual machines
 * "vsock://3:1024" (cid and port, native channel only; cid -1 listens for any) and "hvsock:///run/vm.sock:1024" (a guest's port
 * behind the unix socket of its virtual machine monitor, for clients). Parsed by `parseAddress`; one that is none is InvalidArgument.
 */
export type Address = string;

/** Process, user and group ids come from the kernel (SO_PEERCRED), for unix sockets on the native channel. */
export interface Peer {
  readonly address: Address;
  readonly pid?: number;
  readonly uid?: number;
  readonly gid?: number;
}
