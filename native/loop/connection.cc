// A connected stream socket: state, readiness and closing. Reading and writing have files of their own.
#include "loop/connection.h"

#include "io/socket.h"
#include "loop/engine.h"

namespace ttrpc {

void Connection::Resume() {
  reading_ = true;
  UpdateMask();
}

void Connection::Pause() {
  // A failed connection is drained whether JavaScript wants to read or not: its end must be reported.
  if (write_state_ == WriteState::kFailed) return;
  reading_ = false;
  UpdateMask();
}

void Connection::UpdateMask() {
  int mask = 0;
  if (connecting_) {
    mask = UV_WRITABLE;
  } else {
    if (reading_ && !ended_) mask |= UV_READABLE;
    // After a failure writability is only the wake-up in which the failure is reported.
    if (!queue_.empty() || write_state_ == WriteState::kFailed) mask |= UV_WRITABLE;
  }
  SetMask(mask);
}

void Connection::OnPoll(int /*status*/, int events) {
  engine().spinner().NoteEvent(handle());
  if (connecting_) {
    FinishConnect();
    return;
  }
  if ((events & UV_WRITABLE) != 0 && !queue_.empty()) OnWritable();
  if (write_state_ == WriteState::kFailed) {
    DrainAfterFailure();
  } else if ((events & UV_READABLE) != 0 && CanRead() && ReadSome() == ReadStatus::kPart) {
    engine().spinner().AfterWakeup(*this);
  }
  UpdateMask();
}

void Connection::FinishConnect() {
  connecting_ = false;
  const int result = TakeSocketError(fd());
  if (result < 0) {
    ended_ = true;
    write_state_ = WriteState::kFailureReported;
    DropOutput();
  } else if (write_state_ == WriteState::kShutdownWanted) {
    ShutdownWriteWhenSent();
  }
  UpdateMask();
  engine().EmitEvent(EventKind::kConnected, handle(), result);
}

bool Connection::MayBusyPoll() const {
  return CanRead() && queue_.empty() && large_ == nullptr && write_state_ != WriteState::kFailed;
}

void Connection::OnClose() {
  DropOutput();
  large_.reset();
  carry_.reset();
}

}  // namespace ttrpc
