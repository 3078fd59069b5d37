// Busy polling of one connection per loop: see spinner.h.
#include "loop/spinner.h"

#include <sched.h>

#include "loop/connection.h"
#include "loop/engine.h"

namespace ttrpc {
namespace {

constexpr uint64_t kMaxStretchNanos = 500'000;
constexpr int kMaxStretchDeliveries = 64;
// A yield that takes longer has let somebody else run on this core: alone it takes 0.3 us.
constexpr uint64_t kLonelyYieldNanos = 2'000;

}  // namespace

int Spinner::Init(uv_loop_t* loop) {
  loop_ = loop;
  const int result = uv_idle_init(loop, &idle_);
  if (result < 0) return result;
  idle_.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&idle_));
  return 0;
}

void Spinner::Close(uv_close_cb on_closed) {
  current_ = 0;
  uv_close(reinterpret_cast<uv_handle_t*>(&idle_), on_closed);
}

void Spinner::NoteEvent(uint32_t handle) {
  last_was_same_ = last_event_ == handle;
  last_event_ = handle;
  if (loop_window_) NoteLoopResult(uv_hrtime() < window_end_);
  if (current_ != handle) Stop();
}

void Spinner::AfterWakeup(Connection& connection) {
  PollPolicy& policy = connection.poll_policy();
  const bool window_open = current_ == connection.handle();
  Stop();
  if (window_open) {
    policy.OnSuccess();  // epoll was faster than the continued window
  } else if (!last_was_same_) {
    OpenLoopWindow(connection);
    return;
  } else if (!policy.MayPoll()) {
    return;
  }
  if (!Eligible(connection)) return;
  OpenWindow(connection);
  Poll(connection);
}

bool Spinner::LoopIsQuiet() const {
  // 0 means immediates, closing handles, new watchers or a due timer. Our own idle handle is stopped here.
  return uv_backend_timeout(loop_) != 0;
}

bool Spinner::Eligible(const Connection& connection) const {
  return connection.MayBusyPoll() && !engine_.silent() && LoopIsQuiet();
}

void Spinner::OpenWindow(Connection& connection) {
  current_ = connection.handle();
  window_end_ = uv_hrtime() + static_cast<uint64_t>(connection.poll_policy().window_micros()) * 1000;
}

void Spinner::OpenLoopWindow(Connection& connection) {
  const PollPolicy& policy = connection.poll_policy();
  if (!policy.enabled() || (policy.automatic() && !loop_policy_.MayPoll()) || !Eligible(connection)) return;
  const int32_t micros = policy.automatic() ? loop_policy_.window_micros() : policy.window_micros();
  window_end_ = uv_hrtime() + static_cast<uint64_t>(micros) * 1000;
  loop_window_ = true;
  uv_idle_start(&idle_, HandleIdle);
}

void Spinner::ContinueLoopWindow() {
  if (LoopIsQuiet()) sched_yield();
  if (uv_hrtime() >= window_end_) {
    loop_window_ = false;
    NoteLoopResult(false);
    return;
  }
  uv_idle_start(&idle_, HandleIdle);
}

void Spinner::NoteLoopResult(bool in_time) {
  if (in_time) {
    loop_policy_.OnSuccess();
  } else {
    loop_policy_.OnEmpty();
  }
}

void Spinner::Poll(Connection& connection) {
  const uint64_t stretch_end = uv_hrtime() + kMaxStretchNanos;
  int deliveries = 0;
  bool core_is_shared = false;
  bool late = false;
  for (;;) {
    const Connection::ReadStatus status = connection.ReadOnce();
    if (status == Connection::ReadStatus::kStopped) break;
    if (late) {
      connection.poll_policy().OnEmpty();
      break;
    }
    const uint64_t now = uv_hrtime();
    if (status != Connection::ReadStatus::kWouldBlock) {
      connection.poll_policy().OnSuccess();
      if (!Eligible(connection)) break;
      core_is_shared = false;
      OpenWindow(connection);
      ++deliveries;
    }
    if (now >= stretch_end || deliveries >= kMaxStretchDeliveries) {
      Suspend();
      return;
    }
    // A peer on the same core answers now, instead of after the window: 11 us a round trip, where sleeping takes 15 and
    // spinning 120. And as neither sleeps, the scheduler sees two who want to run, and gives them a core each.
    sched_yield();
    const uint64_t resumed = uv_hrtime();
    core_is_shared |= resumed - now > kLonelyYieldNanos;
    // Also when the core went to other work for so long, a time slice, and what we wait for has come meanwhile: asleep
    // we would have been woken for it.
    late = resumed >= window_end_;
    connection.set_peer_runs_beside(!core_is_shared);
  }
  Stop();
}

// Lets the loop run its other work once, without sleeping, and goes on from there.
void Spinner::Suspend() { uv_idle_start(&idle_, HandleIdle); }

void Spinner::Stop() {
  current_ = 0;
  loop_window_ = false;
  uv_idle_stop(&idle_);
}

void Spinner::HandleIdle(uv_idle_t* idle) {
  auto* self = static_cast<Spinner*>(idle->data);
  uv_idle_stop(idle);
  if (self->loop_window_) {
    self->ContinueLoopWindow();
    return;
  }
  Connection* connection = self->engine_.FindConnection(self->current_);
  if (connection == nullptr || !self->Eligible(*connection)) {
    self->current_ = 0;
    return;
  }
  self->Poll(*connection);
}

}  // namespace ttrpc
