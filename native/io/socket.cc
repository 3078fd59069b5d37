// Making, adopting and asking sockets: see socket.h.
#include "io/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

namespace ttrpc {
namespace {

// What the measurements in docs/performance.md ("Bytes") ask for; more does not pay.
constexpr int kGrownSendBuffer = 1 << 20;

int Checked(int result) { return result < 0 ? -errno : result; }

int GetOption(int fd, int name, int* value) {
  socklen_t size = sizeof(*value);
  return Checked(getsockopt(fd, SOL_SOCKET, name, value, &size));
}

UniqueFd OpenStream(int family) { return UniqueFd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

bool IsInternet(int family) { return family == AF_INET || family == AF_INET6; }

// Small frames must not wait for each other's acknowledgements. Failing to set it costs time only.
void SetNoDelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

// The path of a bound unix socket, or null when it has none in the file system.
const char* FilePath(const Address& address) {
  if (address.family() != AF_UNIX) return nullptr;
  const char* path = reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
  return *path == '\0' ? nullptr : path;
}

}  // namespace

int ConnectSocket(const Address& address, UniqueFd* out) {
  UniqueFd fd = OpenStream(address.family());
  if (fd.get() < 0) return -errno;
  if (IsInternet(address.family())) SetNoDelay(fd.get());
  int result = 0;
  do {
    result = Checked(connect(fd.get(), address.get(), address.size));
  } while (result == -EINTR);
  if (result < 0 && result != -EINPROGRESS) return result;
  *out = std::move(fd);
  return result;
}

int ListenSocket(const Address& address, const ListenOptions& options, UniqueFd* out) {
  UniqueFd fd = OpenStream(address.family());
  if (fd.get() < 0) return -errno;
  int result = 0;
  if (IsInternet(address.family())) {
    const int on = 1;
    result = Checked(setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
    if (result < 0) return result;
  }
  const char* path = FilePath(address);
  const bool set_mode = path != nullptr && options.mode >= 0;
  const auto mode = static_cast<mode_t>(options.mode & 07777);
  // bind() gives the file the socket's own mode less the umask: so it is never wider than asked, not even for a moment.
  if (set_mode && fchmod(fd.get(), mode) < 0) return -errno;
  result = Checked(bind(fd.get(), address.get(), address.size));
  if (result < 0) return result;
  if (set_mode) result = Checked(chmod(path, mode));  // gives back what the umask took
  if (result >= 0) result = Checked(listen(fd.get(), options.backlog));
  if (result < 0) {
    if (path != nullptr) unlink(path);  // made by the bind above
    return result;
  }
  *out = std::move(fd);
  return 0;
}

int AcceptSocket(int listener, UniqueFd* out) {
  Address peer;
  peer.size = sizeof(peer.storage);
  UniqueFd fd(accept4(listener, peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd.get() < 0) return -errno;
  if (IsInternet(peer.family())) SetNoDelay(fd.get());
  *out = std::move(fd);
  return 0;
}

int PrepareAdopted(int fd, bool listening) {
  int type = 0;
  int result = GetOption(fd, SO_TYPE, &type);  // -ENOTSOCK for anything else
  if (result < 0) return result;
  if (type != SOCK_STREAM) return -EPROTOTYPE;
  int accepts = 0;
  result = GetOption(fd, SO_ACCEPTCONN, &accepts);
  if (result < 0) return result;
  if ((accepts != 0) != listening) return -EINVAL;

  const int file_flags = fcntl(fd, F_GETFL);
  if (file_flags < 0 || fcntl(fd, F_SETFL, file_flags | O_NONBLOCK) < 0) return -errno;
  const int fd_flags = fcntl(fd, F_GETFD);
  if (fd_flags < 0 || fcntl(fd, F_SETFD, fd_flags | FD_CLOEXEC) < 0) return -errno;

  Address local;
  if (!listening && LocalAddress(fd, &local) == 0 && IsInternet(local.family())) SetNoDelay(fd);
  return 0;
}

int LocalAddress(int fd, Address* out) {
  out->size = sizeof(out->storage);
  return Checked(getsockname(fd, out->get(), &out->size));
}

int PeerAddress(int fd, Address* out) {
  out->size = sizeof(out->storage);
  return Checked(getpeername(fd, out->get(), &out->size));
}

int PeerCredentials(int fd, Credentials* out) {
  Address local;
  int result = LocalAddress(fd, &local);
  if (result < 0) return result;
  if (local.family() != AF_UNIX) return -EOPNOTSUPP;
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  result = Checked(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size));
  if (result < 0) return result;
  *out = {credentials.pid, credentials.uid, credentials.gid};
  return 0;
}

bool PeerReads(int fd) {
  Address local;
  if (LocalAddress(fd, &local) < 0 || local.family() != AF_UNIX) return false;
  // A unix socket hangs up when both directions are shut: when its peer is closed.
  pollfd wanted{fd, 0, 0};
  return poll(&wanted, 1, 0) >= 0 && (wanted.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

int TakeSocketError(int fd) {
  int error = 0;
  const int result = GetOption(fd, SO_ERROR, &error);
  return result < 0 ? result : -error;
}

void GrowSendBuffer(int fd) {
  Address local;
  if (LocalAddress(fd, &local) < 0 || local.family() != AF_UNIX) return;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kGrownSendBuffer, sizeof(kGrownSendBuffer));
}

int ShutdownWrite(int fd) { return Checked(shutdown(fd, SHUT_WR)); }

}  // namespace ttrpc
