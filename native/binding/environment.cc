// The addon's state in one JavaScript environment: see environment.h.
#include "binding/environment.h"

#include <utility>

namespace ttrpc {
namespace {

napi_value Number(napi_env env, uint32_t value) {
  napi_value result = nullptr;
  napi_create_uint32(env, value, &result);
  return result;
}

napi_value Number(napi_env env, int64_t value) {
  napi_value result = nullptr;
  napi_create_int64(env, value, &result);
  return result;
}

}  // namespace

bool Environment::Install(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    Napi::Error::New(env, "ttrpc: this runtime has no libuv event loop").ThrowAsJavaScriptException();
    return false;
  }
  auto environment = std::make_unique<Environment>(env, loop);
  // uv handles outlive a synchronous hook, so only the asynchronous one can take them down in order.
  const napi_status status =
      napi_add_async_cleanup_hook(env, HandleCleanup, environment.get(), &environment->cleanup_hook_);
  if (status != napi_ok) {
    Napi::Error::New(env, "ttrpc: no cleanup hook").ThrowAsJavaScriptException();
    return false;
  }
  env.SetInstanceData(environment.release());  // deleted by the environment after its cleanup hooks
  return true;
}

void Environment::HandleCleanup(napi_async_cleanup_hook_handle /*hook*/, void* data) {
  static_cast<Environment*>(data)->engine_.Shutdown();
}

// The references go while the environment is still whole; then it may be torn down further.
void Environment::OnShutdown() {
  js_memory_.Release();
  on_frames_.Reset();
  on_large_frame_.Reset();
  on_event_.Reset();
  resource_.Reset();
  async_context_.reset();
  napi_remove_async_cleanup_hook(std::exchange(cleanup_hook_, nullptr));
}

bool Environment::Attach(const Napi::Object& options) {
  const Napi::Env env(env_);
  if (attached()) {
    Napi::Error::New(env, "attach() was called already").ThrowAsJavaScriptException();
    return false;
  }
  const Napi::Value on_frames = options.Get("onFrames");
  const Napi::Value on_large_frame = options.Get("onLargeFrame");
  const Napi::Value on_event = options.Get("onEvent");
  if (!on_frames.IsFunction() || !on_large_frame.IsFunction() || !on_event.IsFunction()) {
    Napi::TypeError::New(env, "onFrames, onLargeFrame and onEvent must be functions").ThrowAsJavaScriptException();
    return false;
  }
  if (!js_memory_.Register(options, &engine_.memory())) return false;
  const int result = engine_.Start();
  if (result < 0) {
    Napi::Error::New(env, uv_strerror(result)).ThrowAsJavaScriptException();
    return false;
  }
  on_frames_ = Napi::Persistent(on_frames.As<Napi::Function>());
  on_large_frame_ = Napi::Persistent(on_large_frame.As<Napi::Function>());
  on_event_ = Napi::Persistent(on_event.As<Napi::Function>());
  const Napi::Object resource = Napi::Object::New(env);
  resource_ = Napi::Persistent(resource);
  async_context_ = std::make_unique<Napi::AsyncContext>(env, "TTRPC", resource);
  return true;
}

bool Environment::RequireAttached() const {
  if (attached()) return true;
  Napi::Error::New(Napi::Env(env_), "attach() must be called first").ThrowAsJavaScriptException();
  return false;
}

template <size_t N>
bool Environment::Call(const Napi::FunctionReference& function, const napi_value (&arguments)[N]) {
  napi_value result = nullptr;
  const napi_status status =
      napi_make_callback(env_, *async_context_, resource_.Value(), function.Value(), N, arguments, &result);
  return status == napi_ok || ReportPendingException();
}

// Makes it an uncaughtException. Fails when the environment is being terminated.
bool Environment::ReportPendingException() {
  bool pending = false;
  if (napi_is_exception_pending(env_, &pending) != napi_ok || !pending) return false;
  napi_value error = nullptr;
  if (napi_get_and_clear_last_exception(env_, &error) != napi_ok) return false;
  return napi_fatal_exception(env_, error) == napi_ok;
}

bool Environment::OnFrames(uint32_t handle, uint32_t count) {
  const Napi::HandleScope scope(env_);
  return Call(on_frames_, {Number(env_, handle), Number(env_, count)});
}

bool Environment::OnLargeFrame(uint32_t handle, const Pin& buffer) {
  const Napi::HandleScope scope(env_);
  napi_value value = nullptr;
  if (napi_get_reference_value(env_, static_cast<napi_ref>(buffer.token()), &value) != napi_ok) return false;
  return Call(on_large_frame_, {Number(env_, handle), value});
}

bool Environment::OnEvent(EventKind kind, uint32_t handle, int64_t value) {
  const Napi::HandleScope scope(env_);
  return Call(on_event_, {Number(env_, static_cast<uint32_t>(kind)), Number(env_, handle), Number(env_, value)});
}

void Environment::OnBadRows() {
  const Napi::HandleScope scope(env_);
  napi_fatal_exception(env_, Napi::RangeError::New(env_, kBadRowsMessage).Value());
}

LargeBuffer Environment::NewLargeBuffer(uint32_t size) {
  const Napi::HandleScope scope(env_);
  void* data = nullptr;
  napi_value value = nullptr;
  if (napi_create_buffer(env_, size, &data, &value) != napi_ok) {
    napi_value ignored = nullptr;
    napi_get_and_clear_last_exception(env_, &ignored);  // the connection ends with ENOMEM instead
    return {};
  }
  return {PinValue(value), static_cast<uint8_t*>(data)};
}

bool Environment::ResolveRefs(uint32_t count, std::vector<Span<const uint8_t>>* out) {
  out->assign(count, {});
  if (count == 0) return true;
  const Napi::HandleScope scope(env_);
  const napi_value refs = js_memory_.refs();
  bool valid = true;
  for (uint32_t i = 0; i < count; ++i) {
    napi_value value = nullptr;
    Span<uint8_t> bytes;
    if (napi_get_element(env_, refs, i, &value) == napi_ok && GetBytes(env_, value, &bytes)) {
      (*out)[i] = {bytes.data, bytes.size};
    } else {
      valid = false;
    }
  }
  return valid;
}

Pin Environment::PinRef(uint32_t index) {
  const Napi::HandleScope scope(env_);
  napi_value value = nullptr;
  if (napi_get_element(env_, js_memory_.refs(), index, &value) != napi_ok) return {};
  return PinValue(value);
}

void Environment::ClearRefs() {
  const Napi::HandleScope scope(env_);
  napi_set_named_property(env_, js_memory_.refs(), "length", Number(env_, uint32_t{0}));
}

Pin Environment::PinValue(napi_value value) {
  napi_ref reference = nullptr;
  if (napi_create_reference(env_, value, 1, &reference) != napi_ok) return {};
  return {this, reference};
}

void Environment::Unpin(void* token) { napi_delete_reference(env_, static_cast<napi_ref>(token)); }

}  // namespace ttrpc
