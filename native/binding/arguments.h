// Reading the arguments of a call. Numbers are the caller's to get right: what is no number counts as 0.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

namespace ttrpc {

inline uint32_t Uint32At(const Napi::CallbackInfo& info, size_t index) {
  uint32_t value = 0;
  napi_get_value_uint32(info.Env(), info[index], &value);
  return value;
}

inline int32_t Int32At(const Napi::CallbackInfo& info, size_t index, int32_t missing = 0) {
  int32_t value = missing;
  napi_get_value_int32(info.Env(), info[index], &value);
  return value;
}

// May hold NULs. False with an exception pending.
inline bool StringAt(const Napi::CallbackInfo& info, size_t index, std::string* out) {
  if (!info[index].IsString()) {
    Napi::TypeError::New(info.Env(), "expected a string").ThrowAsJavaScriptException();
    return false;
  }
  *out = info[index].As<Napi::String>().Utf8Value();
  return true;
}

}  // namespace ttrpc
