// Busy polling after a wake-up, so that the core does not fall asleep between two frames: of one socket while it alone
// is active, which costs a recv a look; else of the loop as a whole, which costs an iteration.
#pragma once

#include <uv.h>

#include <cstdint>

#include "core/poll_policy.h"

namespace ttrpc {

class Connection;
class Engine;

class Spinner {
 public:
  explicit Spinner(Engine& engine) : engine_(engine) {}

  int Init(uv_loop_t* loop);
  void Close(uv_close_cb on_closed);

  Engine& engine() const { return engine_; }

  // A connection has an event: only one that is alone with its events may poll.
  void NoteEvent(uint32_t handle);
  // Frames of a wake-up were delivered and the output flushed.
  void AfterWakeup(Connection& connection);

 private:
  static void HandleIdle(uv_idle_t* idle);

  // True if nothing else in this loop wants to run.
  bool LoopIsQuiet() const;
  bool Eligible(const Connection& connection) const;
  void OpenWindow(Connection& connection);
  void Poll(Connection& connection);
  // Several connections are active: the loop goes on without sleeping until one of them has an event, or the window is
  // over.
  void OpenLoopWindow(Connection& connection);
  void ContinueLoopWindow();
  void NoteLoopResult(bool in_time);
  void Suspend();
  void Stop();

  Engine& engine_;
  uv_loop_t* loop_ = nullptr;
  uv_idle_t idle_{};         // active while a window is continued in the next loop iteration
  uint64_t window_end_ = 0;  // nanoseconds of uv_hrtime
  uint32_t current_ = 0;     // the handle whose window is open, or 0
  PollPolicy loop_policy_;   // of windows of the loop
  bool loop_window_ = false;
  uint32_t last_event_ = 0;  // handle of the connection which had the last event
  bool last_was_same_ = false;
};

}  // namespace ttrpc
