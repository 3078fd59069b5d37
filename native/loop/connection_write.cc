// The sending half of a connection: straight to the kernel, the rest into the queue; draining, failure, half-close.
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "io/socket.h"
#include "io/transfer.h"
#include "loop/connection.h"
#include "loop/engine.h"

namespace ttrpc {
namespace {

// Fairness between connections: then the loop comes back.
constexpr int kMaxSendsPerWakeup = 16;
constexpr size_t kPiecesPerDrain = 256;

size_t TotalSize(const Piece* pieces, size_t count) {
  size_t total = 0;
  for (size_t i = 0; i < count; ++i) total += pieces[i].size;
  return total;
}

}  // namespace

void Connection::Send(const Piece* pieces, size_t count) {
  if (!open() || write_error_ != 0 || write_state_ == WriteState::kFailureReported) return;
  if (connecting_ || !queue_.empty()) {
    Enqueue(pieces, count, 0);
    return;
  }
  while (count > 0) {
    const size_t batch = std::min(count, kMaxPiecesPerSend);
    const size_t total = TotalSize(pieces, batch);
    const ssize_t result = SendPieces(fd(), pieces, batch);
    if (result < 0 && result != -EAGAIN) {
      FailWrite(static_cast<int>(result));
      return;
    }
    auto sent = static_cast<size_t>(std::max<ssize_t>(result, 0));
    if (sent < total) {
      // The kernel's buffer is full; asking again now would only cost another call. Next time it takes more.
      if (send_buffer_ == SendBuffer::kDefault) {
        send_buffer_ = SendBuffer::kGrown;
        GrowSendBuffer(fd());
      }
      while (sent >= pieces->size) {
        sent -= pieces->size;
        ++pieces;
        --count;
      }
      Enqueue(pieces, count, sent);
      return;
    }
    pieces += batch;
    count -= batch;
  }
}

void Connection::Enqueue(const Piece* pieces, size_t count, size_t skip) {
  const bool was_empty = queue_.empty();
  for (size_t i = 0; i < count; ++i, skip = 0) {
    const Piece& piece = pieces[i];
    Pin pin = piece.ref == kNotReferenced ? Pin() : engine().host().PinRef(piece.ref);
    if (pin) {
      queue_.AppendPinned(piece.data + skip, piece.size - skip, std::move(pin));
    } else {
      queue_.AppendCopy(piece.data + skip, piece.size - skip);
    }
  }
  if (!was_empty || queue_.empty()) return;
  engine().AddBacklogged(1);
  UpdateMask();
}

void Connection::OnWritable() {
  std::array<Piece, kPiecesPerDrain> pieces;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by Peek
  for (int i = 0; i < kMaxSendsPerWakeup && !queue_.empty(); ++i) {
    const size_t count = queue_.Peek(pieces.data(), pieces.size());
    const size_t total = TotalSize(pieces.data(), count);
    const ssize_t result = SendPieces(fd(), pieces.data(), count);
    if (result == -EAGAIN) return;
    if (result < 0) {
      FailWrite(static_cast<int>(result));
      return;
    }
    queue_.Consume(static_cast<size_t>(result));
    if (static_cast<size_t>(result) < total) return;
  }
  if (queue_.empty()) OnOutputEmpty();
}

void Connection::OnOutputEmpty() {
  engine().AddBacklogged(-1);
  if (write_state_ == WriteState::kShutdownWanted) ShutdownWriteWhenSent();
  UpdateMask();
  engine().EmitEvent(EventKind::kDrain, handle(), 0);
}

void Connection::ShutdownWriteWhenSent() {
  if (write_state_ != WriteState::kOpen && write_state_ != WriteState::kShutdownWanted) return;
  if (connecting_ || !queue_.empty()) {
    write_state_ = WriteState::kShutdownWanted;
    return;
  }
  write_state_ = WriteState::kShutdown;
  // Fails only when the connection is gone, which the reading side reports.
  ShutdownWrite(fd());
}

void Connection::DropOutput() {
  if (queue_.empty()) return;
  queue_.Clear();
  engine().AddBacklogged(-1);
}

void Connection::FailWrite(int error) {
  write_error_ = error;
  write_state_ = WriteState::kFailed;
  DropOutput();
  reading_ = true;  // what the peer had sent before is delivered before the failure
  UpdateMask();
}

void Connection::DrainAfterFailure() {
  const ReadStatus status = ended_ ? ReadStatus::kWouldBlock : ReadSome();
  if (status == ReadStatus::kWouldBlock && open() && write_state_ == WriteState::kFailed) EndInput(write_error_);
}

}  // namespace ttrpc
