// A socket with its uv_poll_t. Owned by the engine's table while open, by libuv from uv_close to the close callback.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>

#include "io/fd.h"

namespace ttrpc {

class Engine;

class Endpoint {
 public:
  enum class Kind : uint8_t { kConnection, kListener, kGreeting };

  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  virtual ~Endpoint() = default;

  // Takes the fd and returns 0; or a negative errno, leaving it, and the object may just be destroyed.
  int Init(uv_loop_t* loop, UniqueFd* fd);
  // Stops polling and gives the fd back, which closes it unless somebody keeps it; the object goes when libuv has let
  // go of it. Nothing calls JavaScript after this. The object therefore outlives every frame of the running loop
  // callback that still refers to it.
  static UniqueFd Close(std::unique_ptr<Endpoint> endpoint);

  Kind kind() const { return kind_; }
  int fd() const { return fd_.get(); }
  uint32_t handle() const { return handle_; }
  void set_handle(uint32_t handle) { handle_ = handle; }
  bool open() const { return open_; }

  virtual void Resume() = 0;
  virtual void Pause() = 0;
  void Ref() { uv_ref(uv_handle()); }
  void Unref() { uv_unref(uv_handle()); }

 protected:
  Endpoint(Engine& engine, Kind kind) : engine_(engine), kind_(kind) {}

  virtual void OnPoll(int status, int events) = 0;
  // Lets go of everything but the fd and the uv handle.
  virtual void OnClose() = 0;

  // UV_READABLE | UV_WRITABLE; 0 takes the fd out of the poll set.
  void SetMask(int mask);
  Engine& engine() const { return engine_; }

 private:
  uv_handle_t* uv_handle() { return reinterpret_cast<uv_handle_t*>(&poll_); }
  static void HandlePoll(uv_poll_t* poll, int status, int events);

  uv_poll_t poll_{};
  Engine& engine_;
  UniqueFd fd_;
  uint32_t handle_ = 0;
  int mask_ = 0;
  Kind kind_;
  bool open_ = true;
};

}  // namespace ttrpc
