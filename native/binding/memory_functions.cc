// Functions on the shared memory: attach, setArena, setOutTables, flush.
#include "binding/environment.h"
#include "binding/exports.h"

namespace ttrpc {
namespace {

void Attach(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) {
    Napi::TypeError::New(info.Env(), "expected an options object").ThrowAsJavaScriptException();
    return;
  }
  Environment::Of(info.Env()).Attach(info[0].As<Napi::Object>());
}

void SetArena(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::Of(info.Env());
  environment.js_memory().SetArena(info[0], &environment.engine().memory());
}

void SetOutTables(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::Of(info.Env());
  environment.js_memory().SetOutTables(info[0], info[1], &environment.engine().memory());
}

void Flush(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::Of(info.Env());
  if (!environment.attached() || environment.engine().Flush() == 0) return;
  Napi::RangeError::New(info.Env(), kBadRowsMessage).ThrowAsJavaScriptException();
}

}  // namespace

void ExportMemoryFunctions(Napi::Object exports) {
  Export<Attach>(exports, "attach");
  Export<SetArena>(exports, "setArena");
  Export<SetOutTables>(exports, "setOutTables");
  Export<Flush>(exports, "flush");
}

}  // namespace ttrpc
