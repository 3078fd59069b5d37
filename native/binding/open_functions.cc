// Functions which open endpoints: a handle, or a negative errno.
#include <string>
#include <utility>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/exports.h"
#include "loop/open.h"

namespace ttrpc {
namespace {

Engine* AttachedEngine(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::Of(info.Env());
  return environment.RequireAttached() ? &environment.engine() : nullptr;
}

Napi::Value Result(const Napi::CallbackInfo& info, int64_t handle) {
  return Napi::Number::New(info.Env(), static_cast<double>(handle));
}

// connectUnix(path)
Napi::Value ConnectUnixFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  std::string path;
  if (engine == nullptr || !StringAt(info, 0, &path)) return {};
  return Result(info, ConnectUnix(*engine, path));
}

// connectTcp(ip, port)
Napi::Value ConnectTcpFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  std::string ip;
  if (engine == nullptr || !StringAt(info, 0, &ip)) return {};
  return Result(info, ConnectTcp(*engine, ip, Int32At(info, 1, -1)));
}

// connectVsock(cid, port)
Napi::Value ConnectVsockFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  if (engine == nullptr) return {};
  return Result(info, ConnectVsock(*engine, Uint32At(info, 0), Uint32At(info, 1)));
}

// greetUnix(path, request, maxLineBytes)
Napi::Value GreetUnixFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  std::string path;
  std::string request;
  if (engine == nullptr || !StringAt(info, 0, &path) || !StringAt(info, 1, &request)) return {};
  return Result(info, GreetUnix(*engine, path, std::move(request), Uint32At(info, 2)));
}

// listenUnix(path, mode, backlog)
Napi::Value ListenUnixFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  std::string path;
  if (engine == nullptr || !StringAt(info, 0, &path)) return {};
  ListenOptions options;
  options.mode = Int32At(info, 1, options.mode);
  options.backlog = Int32At(info, 2, options.backlog);
  return Result(info, ListenUnix(*engine, path, options));
}

// listenTcp(ip, port, backlog)
Napi::Value ListenTcpFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  std::string ip;
  if (engine == nullptr || !StringAt(info, 0, &ip)) return {};
  ListenOptions options;
  options.backlog = Int32At(info, 2, options.backlog);
  return Result(info, ListenTcp(*engine, ip, Int32At(info, 1, -1), options));
}

// listenVsock(cid, port, backlog)
Napi::Value ListenVsockFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  if (engine == nullptr) return {};
  ListenOptions options;
  options.backlog = Int32At(info, 2, options.backlog);
  return Result(info, ListenVsock(*engine, Uint32At(info, 0), Uint32At(info, 1), options));
}

// adopt(fd)
Napi::Value AdoptFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  if (engine == nullptr) return {};
  return Result(info, AdoptConnection(*engine, Int32At(info, 0, -1)));
}

// adoptListener(fd)
Napi::Value AdoptListenerFunction(const Napi::CallbackInfo& info) {
  Engine* engine = AttachedEngine(info);
  if (engine == nullptr) return {};
  return Result(info, AdoptListener(*engine, Int32At(info, 0, -1)));
}

}  // namespace

void ExportOpenFunctions(Napi::Object exports) {
  Export<ConnectUnixFunction>(exports, "connectUnix");
  Export<ConnectTcpFunction>(exports, "connectTcp");
  Export<ConnectVsockFunction>(exports, "connectVsock");
  Export<GreetUnixFunction>(exports, "greetUnix");
  Export<ListenUnixFunction>(exports, "listenUnix");
  Export<ListenTcpFunction>(exports, "listenTcp");
  Export<ListenVsockFunction>(exports, "listenVsock");
  Export<AdoptFunction>(exports, "adopt");
  Export<AdoptListenerFunction>(exports, "adoptListener");
}

}  // namespace ttrpc
