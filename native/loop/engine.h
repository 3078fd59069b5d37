// Everything of one event loop: the endpoints, the shared memory, the flusher, the spinner, and the way into the host.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>

#include "core/handle_table.h"
#include "io/fd.h"
#include "loop/endpoint.h"
#include "loop/flusher.h"
#include "loop/host.h"
#include "loop/spinner.h"

namespace ttrpc {

class Connection;
class Greeting;

class Engine {
 public:
  Engine(uv_loop_t* loop, Host& host) : loop_(loop), host_(host), flusher_(*this), spinner_(*this) {}

  // 0 or a negative errno. Before it there are no endpoints and no uv handles.
  int Start();
  // Silences the host and closes everything; ends in Host::OnShutdown, perhaps at once.
  void Shutdown();

  SharedMemory& memory() { return memory_; }
  Host& host() const { return host_; }
  Spinner& spinner() { return spinner_; }
  bool started() const { return started_; }
  bool silent() const { return silent_; }

  // A handle; or a negative errno, and `fd` is still the caller's.
  int64_t AddConnection(UniqueFd* fd, bool connecting);
  int64_t AddListener(UniqueFd* fd);
  int64_t AddGreeting(UniqueFd* fd, std::string request, size_t max_line_bytes);
  Endpoint* Find(uint32_t handle) const { return endpoints_.Find(handle); }
  Connection* FindConnection(uint32_t handle) const;
  Greeting* FindGreeting(uint32_t handle) const;
  // Closes a greeting and makes its socket a connection: a new handle; or a negative errno, and the socket is closed.
  int64_t Carry(uint32_t handle);
  void Close(uint32_t handle);
  uint32_t open_count() const { return endpoints_.size(); }

  int Flush() { return flusher_.Flush(); }
  void AddBacklogged(int32_t change) { memory_.control.data[kBacklogged] += change; }

  // Into the host; what it wrote to the outgoing table is flushed afterwards. False: the host is silent for good.
  // The caller must look at its own state again after each of these.
  bool EmitFrames(uint32_t handle, uint32_t count);
  bool EmitLargeFrame(uint32_t handle, const Pin& buffer);
  bool EmitEvent(EventKind kind, uint32_t handle, int64_t value);

  void OnEndpointClosed();

 private:
  int64_t Add(std::unique_ptr<Endpoint> endpoint, UniqueFd* fd);
  template <typename T>
  T* FindKind(uint32_t handle, Endpoint::Kind kind) const;
  UniqueFd CloseEndpoint(std::unique_ptr<Endpoint> endpoint);
  void FinishShutdown();
  bool LeaveHost(bool alive);
  bool EnterHost();

  uv_loop_t* loop_;
  Host& host_;
  SharedMemory memory_;
  HandleTable<Endpoint> endpoints_;
  Flusher flusher_;
  Spinner spinner_;
  uint32_t closing_ = 0;  // uv handles whose close callback has not run
  bool started_ = false;
  bool silent_ = false;
  bool shutting_down_ = false;
};

}  // namespace ttrpc
