// The addon's functions, by subject.
#pragma once

#include <napi.h>

namespace ttrpc {

void ExportMemoryFunctions(Napi::Object exports);
void ExportOpenFunctions(Napi::Object exports);
void ExportHandleFunctions(Napi::Object exports);

template <auto function>
void Export(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<function>(exports.Env(), name));
}

}  // namespace ttrpc
