// Typed arrays which JavaScript registers as shared memory: checks them, keeps them alive, hands out their bytes.
#pragma once

#include <napi.h>

#include "loop/host.h"

namespace ttrpc {

class JsMemory {
 public:
  // Each returns false with a JavaScript exception pending, and then has changed nothing that matters.
  bool Register(const Napi::Object& options, SharedMemory* memory);
  bool SetArena(Napi::Value arena, SharedMemory* memory);
  bool SetOutTables(Napi::Value out_table, Napi::Value ref_table, SharedMemory* memory);

  Napi::Object refs() const { return refs_.Value(); }
  void Release();

 private:
  Napi::ObjectReference slab_;
  Napi::ObjectReference in_table_;
  Napi::ObjectReference out_table_;
  Napi::ObjectReference ref_table_;
  Napi::ObjectReference refs_;
  Napi::ObjectReference control_;
  Napi::ObjectReference arena_;
};

// The bytes of a Uint8Array; false if it is something else.
bool GetBytes(napi_env env, napi_value value, Span<uint8_t>* out);

}  // namespace ttrpc
