// A listening socket: see listener.h.
#include "loop/listener.h"

#include <cerrno>

#include "io/socket.h"
#include "loop/engine.h"

namespace ttrpc {
namespace {

// Fairness: then the connections get their turn.
constexpr int kMaxAcceptsPerWakeup = 64;

// The failure of one pending connection, not of the listener.
bool IsTransient(int error) { return error == -ECONNABORTED || error == -EINTR || error == -EPROTO; }

}  // namespace

void Listener::Resume() {
  accepting_ = true;
  SetMask(UV_READABLE);
}

void Listener::Pause() {
  accepting_ = false;
  SetMask(0);
}

void Listener::OnPoll(int /*status*/, int /*events*/) {
  for (int i = 0; i < kMaxAcceptsPerWakeup && AcceptOne(); ++i) {
  }
  if (open() && accepting_) SetMask(UV_READABLE);
}

bool Listener::AcceptOne() {
  UniqueFd fd;
  int64_t result = AcceptSocket(this->fd(), &fd);
  if (result == -EAGAIN) return false;
  if (IsTransient(static_cast<int>(result))) return true;
  if (result == 0) result = engine().AddConnection(&fd, false);
  if (result < 0) {
    Pause();
    engine().EmitEvent(EventKind::kAcceptError, handle(), result);
    return false;
  }
  // JavaScript may close or pause this listener in the call.
  return engine().EmitEvent(EventKind::kAccept, handle(), result) && open() && accepting_;
}

}  // namespace ttrpc
