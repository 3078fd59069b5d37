// Moving bytes through a non-blocking stream socket. Results are byte counts or -errno; EINTR never comes out.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "core/piece.h"

namespace ttrpc {

// The kernel's IOV_MAX: the most runs one sendmsg takes.
constexpr size_t kMaxPiecesPerSend = 1024;

// 0 means end of input; -EAGAIN that nothing is there.
ssize_t ReceiveBytes(int fd, uint8_t* data, size_t size);
// The same, and the bytes stay there to be received.
ssize_t PeekBytes(int fd, uint8_t* data, size_t size);

// Sends at most kMaxPiecesPerSend runs in one system call. Never raises SIGPIPE.
ssize_t SendPieces(int fd, const Piece* pieces, size_t count);

}  // namespace ttrpc
