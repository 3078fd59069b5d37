// Everything of one event loop: see engine.h.
#include "loop/engine.h"

#include <cerrno>
#include <utility>

#include "loop/connection.h"
#include "loop/greeting.h"
#include "loop/listener.h"

namespace ttrpc {

int Engine::Start() {
  const int result = spinner_.Init(loop_);
  started_ = result == 0;
  return result;
}

void Engine::Shutdown() {
  silent_ = true;
  shutting_down_ = true;
  for (std::unique_ptr<Endpoint>& endpoint : endpoints_.RemoveAll()) CloseEndpoint(std::move(endpoint));
  if (std::exchange(started_, false)) {
    ++closing_;
    spinner_.Close([](uv_handle_t* handle) { static_cast<Spinner*>(handle->data)->engine().OnEndpointClosed(); });
  }
  FinishShutdown();
}

void Engine::FinishShutdown() {
  if (shutting_down_ && closing_ == 0) host_.OnShutdown();
}

int64_t Engine::AddConnection(UniqueFd* fd, bool connecting) {
  auto connection = std::make_unique<Connection>(*this, connecting);
  Connection* const borrowed = connection.get();
  const int64_t handle = Add(std::move(connection), fd);
  if (handle > 0) borrowed->Begin();
  return handle;
}

int64_t Engine::AddListener(UniqueFd* fd) { return Add(std::make_unique<Listener>(*this), fd); }

int64_t Engine::AddGreeting(UniqueFd* fd, std::string request, size_t max_line_bytes) {
  return Add(std::make_unique<Greeting>(*this, std::move(request), max_line_bytes), fd);
}

int64_t Engine::Carry(uint32_t handle) {
  if (FindGreeting(handle) == nullptr) return -EBADF;
  UniqueFd fd = CloseEndpoint(endpoints_.Remove(handle));
  return AddConnection(&fd, false);
}

int64_t Engine::Add(std::unique_ptr<Endpoint> endpoint, UniqueFd* fd) {
  if (shutting_down_) return -ECANCELED;
  if (endpoints_.full()) return -EMFILE;
  const int result = endpoint->Init(loop_, fd);
  if (result < 0) return result;
  Endpoint* const borrowed = endpoint.get();
  const uint32_t handle = endpoints_.Insert(std::move(endpoint));
  borrowed->set_handle(handle);
  return handle;
}

template <typename T>
T* Engine::FindKind(uint32_t handle, Endpoint::Kind kind) const {
  Endpoint* endpoint = endpoints_.Find(handle);
  return endpoint == nullptr || endpoint->kind() != kind ? nullptr : static_cast<T*>(endpoint);
}

Connection* Engine::FindConnection(uint32_t handle) const {
  return FindKind<Connection>(handle, Endpoint::Kind::kConnection);
}

Greeting* Engine::FindGreeting(uint32_t handle) const { return FindKind<Greeting>(handle, Endpoint::Kind::kGreeting); }

void Engine::Close(uint32_t handle) {
  std::unique_ptr<Endpoint> endpoint = endpoints_.Remove(handle);
  if (endpoint != nullptr) CloseEndpoint(std::move(endpoint));
}

UniqueFd Engine::CloseEndpoint(std::unique_ptr<Endpoint> endpoint) {
  ++closing_;
  return Endpoint::Close(std::move(endpoint));
}

void Engine::OnEndpointClosed() {
  --closing_;
  FinishShutdown();
}

bool Engine::EnterHost() {
  if (silent_) return false;
  memory_.control.data[kInCallback] = 1;
  return true;
}

bool Engine::LeaveHost(bool alive) {
  memory_.control.data[kInCallback] = 0;
  if (!alive) {
    silent_ = true;
    return false;
  }
  if (memory_.control.data[kOutRows] > 0 && Flush() < 0) host_.OnBadRows();
  return true;
}

bool Engine::EmitFrames(uint32_t handle, uint32_t count) {
  return EnterHost() && LeaveHost(host_.OnFrames(handle, count));
}

bool Engine::EmitLargeFrame(uint32_t handle, const Pin& buffer) {
  return EnterHost() && LeaveHost(host_.OnLargeFrame(handle, buffer));
}

bool Engine::EmitEvent(EventKind kind, uint32_t handle, int64_t value) {
  return EnterHost() && LeaveHost(host_.OnEvent(kind, handle, value));
}

}  // namespace ttrpc
