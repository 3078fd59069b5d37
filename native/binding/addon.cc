// The addon's entry: one environment object per JavaScript environment, and the exported functions.
#include <napi.h>

#include "binding/environment.h"
#include "binding/exports.h"

namespace {

// No uv function may be called here: runtimes which only imitate libuv abort in them.
Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  if (!ttrpc::Environment::Install(env)) return exports;
  ttrpc::ExportMemoryFunctions(exports);
  ttrpc::ExportOpenFunctions(exports);
  ttrpc::ExportHandleFunctions(exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(ttrpc, Initialize)
