// A connected socket before its first frame: see greeting.h.
#include "loop/greeting.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "io/transfer.h"
#include "loop/engine.h"

namespace ttrpc {
namespace {

constexpr size_t kPeekBytes = 256;

}  // namespace

void Greeting::Resume() { SetMask(request_.empty() ? UV_READABLE : UV_READABLE | UV_WRITABLE); }

void Greeting::OnPoll(int /*status*/, int /*events*/) {
  const int64_t result = Step();
  if (result == -EAGAIN) {
    Resume();
    return;
  }
  SetMask(0);
  engine().EmitEvent(EventKind::kGreeted, handle(), result);
}

int64_t Greeting::Step() {
  if (!request_.empty()) {
    const Piece piece{reinterpret_cast<const uint8_t*>(request_.data()), request_.size(), kNotReferenced};
    const ssize_t sent = SendPieces(fd(), &piece, 1);
    // A peer that does not take the request may have said why: what it sent is read before its end.
    if (sent != -EAGAIN) request_.erase(0, sent < 0 ? request_.size() : static_cast<size_t>(sent));
  }
  return ReadLine();
}

int64_t Greeting::ReadLine() {
  std::array<uint8_t, kPeekBytes> seen;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the peek
  const ssize_t peeked = PeekBytes(fd(), seen.data(), std::min(seen.size(), max_line_bytes_ - line_.size()));
  // Reset: it has closed without having read the request.
  if (peeked <= 0) return peeked == -ECONNRESET ? 0 : peeked;
  const void* const end = std::memchr(seen.data(), '\n', static_cast<size_t>(peeked));
  const size_t wanted =
      end == nullptr ? static_cast<size_t>(peeked) : static_cast<const uint8_t*>(end) - seen.data() + size_t{1};
  const ssize_t received = ReceiveBytes(fd(), seen.data(), wanted);
  if (received < 0) return received;
  line_.append(reinterpret_cast<const char*>(seen.data()), static_cast<size_t>(received));
  const bool done = line_.back() == '\n' || line_.size() == max_line_bytes_;
  return done ? static_cast<int64_t>(line_.size()) : -EAGAIN;
}

}  // namespace ttrpc
