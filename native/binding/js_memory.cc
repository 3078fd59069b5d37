// Typed arrays which JavaScript registers as shared memory: see js_memory.h.
#include "binding/js_memory.h"

namespace ttrpc {
namespace {

// A carried frame (under 16 KiB) must leave room for a useful read.
constexpr size_t kMinSlabSize = 32768;

bool GetTypedArray(napi_env env, napi_value value, napi_typedarray_type wanted, void** data, size_t* length) {
  bool is_typed_array = false;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return false;
  napi_typedarray_type type = napi_uint8_array;
  const napi_status status = napi_get_typedarray_info(env, value, &type, length, data, nullptr, nullptr);
  return status == napi_ok && type == wanted;
}

bool Fail(Napi::Env env, const char* message) {
  Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
  return false;
}

template <typename Row>
bool GetRows(Napi::Value value, Span<Row>* out) {
  void* data = nullptr;
  size_t words = 0;
  if (!GetTypedArray(value.Env(), value, napi_uint32_array, &data, &words)) return false;
  *out = {static_cast<Row*>(data), words * sizeof(uint32_t) / sizeof(Row)};
  return out->size > 0;
}

bool GetControl(Napi::Value value, Span<int32_t>* out) {
  void* data = nullptr;
  if (!GetTypedArray(value.Env(), value, napi_int32_array, &data, &out->size)) return false;
  out->data = static_cast<int32_t*>(data);
  return out->size >= kControlWords;
}

Napi::ObjectReference Keep(Napi::Value value) { return Napi::Persistent(value.As<Napi::Object>()); }

}  // namespace

bool GetBytes(napi_env env, napi_value value, Span<uint8_t>* out) {
  void* data = nullptr;
  if (!GetTypedArray(env, value, napi_uint8_array, &data, &out->size)) return false;
  out->data = static_cast<uint8_t*>(data);
  return true;
}

bool JsMemory::Register(const Napi::Object& options, SharedMemory* memory) {
  const Napi::Env env = options.Env();
  const Napi::Value slab = options.Get("slab");
  const Napi::Value in_table = options.Get("inTable");
  const Napi::Value refs = options.Get("refs");
  const Napi::Value control = options.Get("control");
  SharedMemory next = *memory;
  if (!GetBytes(env, slab, &next.slab) || next.slab.size < kMinSlabSize) {
    return Fail(env, "slab must be a Uint8Array of at least 32768 bytes");
  }
  if (!GetRows(in_table, &next.in_rows)) return Fail(env, "inTable must be a Uint32Array of 4 words a row");
  if (!GetControl(control, &next.control)) return Fail(env, "control must be an Int32Array of 4 words");
  if (!refs.IsArray()) return Fail(env, "refs must be an array");
  if (!SetOutTables(options.Get("outTable"), options.Get("refTable"), &next)) return false;
  slab_ = Keep(slab);
  in_table_ = Keep(in_table);
  control_ = Keep(control);
  refs_ = Keep(refs);
  *memory = next;
  return true;
}

bool JsMemory::SetArena(Napi::Value arena, SharedMemory* memory) {
  Span<uint8_t> bytes;
  if (!GetBytes(arena.Env(), arena, &bytes)) return Fail(arena.Env(), "arena must be a Uint8Array");
  arena_ = Keep(arena);
  memory->arena = bytes;
  return true;
}

bool JsMemory::SetOutTables(Napi::Value out_table, Napi::Value ref_table, SharedMemory* memory) {
  Span<OutRow> out_rows;
  Span<RefRow> ref_rows;
  if (!GetRows(out_table, &out_rows)) return Fail(out_table.Env(), "outTable must be a Uint32Array of 5 words a row");
  if (!GetRows(ref_table, &ref_rows)) return Fail(ref_table.Env(), "refTable must be a Uint32Array of 2 words a row");
  out_table_ = Keep(out_table);
  ref_table_ = Keep(ref_table);
  memory->out_rows = out_rows;
  memory->ref_rows = ref_rows;
  return true;
}

void JsMemory::Release() { *this = JsMemory(); }

}  // namespace ttrpc
