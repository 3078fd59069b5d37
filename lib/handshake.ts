// Admits or refuses connections by who made them. Go: handshake.go, unixcreds_linux.go.
import { Code, TtrpcError } from "./errors.js";
import type { Peer } from "./peer.js";

/** Throw, or reject, to refuse the connection: it is closed without a byte. */
export type Handshake = (peer: Peer) => void | Promise<void>;

/** Marks handshakes that can only refuse where the system does not tell who the peer is. */
const needsCredentials = new WeakSet<Handshake>();

/** Whether `handshake` is of no use without SO_PEERCRED. */
export function handshakeNeedsCredentials(handshake: Handshake): boolean {
  return needsCredentials.has(handshake);
}

/** Admits processes of this user and group; -1 means any. Go: UnixSocketRequireUidGid. */
export function requireUidGid(uid: number, gid: number): Handshake {
  const handshake: Handshake = (peer) => {
    if (peer.uid === undefined || peer.gid === undefined) {
      throw new TtrpcError(
        Code.PermissionDenied,
        `ttrpc: require unix socket: no credentials of ${peer.address}: they need a unix socket and the native channel`,
      );
    }
    if ((uid !== -1 && peer.uid !== uid) || (gid !== -1 && peer.gid !== gid)) {
      throw new TtrpcError(
        Code.PermissionDenied,
        `ttrpc: invalid credentials: peer has uid ${peer.uid} and gid ${peer.gid}, required are ${uid} and ${gid}: operation not permitted`,
      );
    }
  };
  needsCredentials.add(handshake);
  return handshake;
}

/** Admits root. Go: UnixSocketRequireRoot. */
export function requireRoot(): Handshake {
  return requireUidGid(0, 0);
}

/** Admits processes of this process's effective user and group. Go: UnixSocketRequireSameUser. */
export function requireSameUser(): Handshake {
  const { geteuid, getegid } = process;
  if (geteuid === undefined || getegid === undefined) throw new TtrpcError(Code.Unimplemented, `requireSameUser: ${process.platform} has no user ids`);
  return requireUidGid(geteuid(), getegid());
}
