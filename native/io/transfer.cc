// Moving bytes through a non-blocking stream socket: see transfer.h.
#include "io/transfer.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace ttrpc {
namespace {

constexpr int kSendFlags = MSG_DONTWAIT | MSG_NOSIGNAL;

ssize_t SendVector(int fd, const Piece* pieces, size_t count) {
  std::array<iovec, kMaxPiecesPerSend> vectors;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  count = std::min(count, vectors.size());
  for (size_t i = 0; i < count; ++i) {
    vectors[i] = {const_cast<uint8_t*>(pieces[i].data), pieces[i].size};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return sendmsg(fd, &message, kSendFlags);
}

ssize_t Receive(int fd, uint8_t* data, size_t size, int flags) {
  for (;;) {
    const ssize_t result = recv(fd, data, size, flags | MSG_DONTWAIT);
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

}  // namespace

ssize_t ReceiveBytes(int fd, uint8_t* data, size_t size) { return Receive(fd, data, size, 0); }

ssize_t PeekBytes(int fd, uint8_t* data, size_t size) { return Receive(fd, data, size, MSG_PEEK); }

ssize_t SendPieces(int fd, const Piece* pieces, size_t count) {
  for (;;) {
    // The plain send() is the cheaper call, and one run is the usual case.
    const ssize_t result =
        count == 1 ? send(fd, pieces[0].data, pieces[0].size, kSendFlags) : SendVector(fd, pieces, count);
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

}  // namespace ttrpc
