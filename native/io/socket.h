// Making, adopting and asking sockets. Every function returns a value >= 0 or -errno.
#pragma once

#include <sys/types.h>

#include "io/address.h"
#include "io/fd.h"

namespace ttrpc {

struct Credentials {
  pid_t pid;
  uid_t uid;
  gid_t gid;
};

// 0: connected; -EINPROGRESS: `out` is set, wait for writability. Never blocks.
int ConnectSocket(const Address& address, UniqueFd* out);

struct ListenOptions {
  int backlog = 511;
  int mode = -1;  // of the socket file; -1 leaves it to the umask
};
int ListenSocket(const Address& address, const ListenOptions& options, UniqueFd* out);

// One pending connection of a non-blocking listener; the result is non-blocking and close-on-exec.
int AcceptSocket(int listener, UniqueFd* out);

// Checks that `fd` is a stream socket which listens, or does not, and makes it non-blocking and close-on-exec.
int PrepareAdopted(int fd, bool listening);

int LocalAddress(int fd, Address* out);
int PeerAddress(int fd, Address* out);
// -EOPNOTSUPP unless it is a unix socket.
int PeerCredentials(int fd, Credentials* out);
// The error of a finished connect, as -errno; 0 if it succeeded.
int TakeSocketError(int fd);
int ShutdownWrite(int fd);
// Asks for a larger send buffer on a unix socket, where nothing adapts it; the kernel gives what its limits allow.
void GrowSendBuffer(int fd);
// Whether the peer of a unix socket still reads, though it may have ended its sending. False for other sockets: they
// cannot tell.
bool PeerReads(int fd);

}  // namespace ttrpc
