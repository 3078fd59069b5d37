// The addon's state in one JavaScript environment (main thread or worker): the engine and its way into JavaScript.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "binding/js_memory.h"
#include "loop/engine.h"
#include "loop/host.h"

namespace ttrpc {

class Environment final : public Host, private PinOwner {
 public:
  // Makes the environment's instance and ties it to the life of the environment. False with an exception pending.
  static bool Install(Napi::Env env);
  static Environment& Of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  Environment(napi_env env, uv_loop_t* loop) : env_(env), engine_(loop, *this) {}

  // Both return false with an exception pending.
  bool Attach(const Napi::Object& options);
  bool RequireAttached() const;

  bool attached() const { return engine_.started(); }
  Engine& engine() { return engine_; }
  JsMemory& js_memory() { return js_memory_; }

  bool OnFrames(uint32_t handle, uint32_t count) override;
  bool OnLargeFrame(uint32_t handle, const Pin& buffer) override;
  bool OnEvent(EventKind kind, uint32_t handle, int64_t value) override;
  void OnBadRows() override;
  LargeBuffer NewLargeBuffer(uint32_t size) override;
  bool ResolveRefs(uint32_t count, std::vector<Span<const uint8_t>>* out) override;
  Pin PinRef(uint32_t index) override;
  void ClearRefs() override;
  void OnShutdown() override;

 private:
  static void HandleCleanup(napi_async_cleanup_hook_handle hook, void* data);

  void Unpin(void* token) override;
  Pin PinValue(napi_value value);
  template <size_t N>
  bool Call(const Napi::FunctionReference& function, const napi_value (&arguments)[N]);
  bool ReportPendingException();

  napi_env env_;
  napi_async_cleanup_hook_handle cleanup_hook_ = nullptr;
  JsMemory js_memory_;
  Napi::FunctionReference on_frames_;
  Napi::FunctionReference on_large_frame_;
  Napi::FunctionReference on_event_;
  Napi::ObjectReference resource_;
  std::unique_ptr<Napi::AsyncContext> async_context_;
  Engine engine_;
};

// What flush() throws, and the reason for OnBadRows.
inline constexpr const char* kBadRowsMessage = "ttrpc: an outgoing row points outside of its memory and was dropped";

}  // namespace ttrpc
