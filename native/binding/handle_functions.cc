// Functions on open handles. On a stale handle they do nothing and return 0, "" or undefined.
#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/exports.h"
#include "io/socket.h"
#include "loop/connection.h"
#include "loop/greeting.h"

namespace ttrpc {
namespace {

Engine& EngineOf(const Napi::CallbackInfo& info) { return Environment::Of(info.Env()).engine(); }

Endpoint* EndpointAt0(const Napi::CallbackInfo& info) { return EngineOf(info).Find(Uint32At(info, 0)); }

Connection* ConnectionAt0(const Napi::CallbackInfo& info) { return EngineOf(info).FindConnection(Uint32At(info, 0)); }

template <void (Endpoint::*method)()>
void OnEndpoint(const Napi::CallbackInfo& info) {
  if (Endpoint* endpoint = EndpointAt0(info)) (endpoint->*method)();
}

void Close(const Napi::CallbackInfo& info) { EngineOf(info).Close(Uint32At(info, 0)); }

void ShutdownWriteFunction(const Napi::CallbackInfo& info) {
  Connection* connection = ConnectionAt0(info);
  if (connection == nullptr) return;
  // What was written before it, goes before it.
  const bool flushed = EngineOf(info).Flush() == 0;
  connection->ShutdownWriteWhenSent();
  if (!flushed) Napi::RangeError::New(info.Env(), kBadRowsMessage).ThrowAsJavaScriptException();
}

void SetMaxMessageBytes(const Napi::CallbackInfo& info) {
  if (Connection* connection = ConnectionAt0(info)) connection->set_max_message_bytes(Uint32At(info, 1));
}

void SetBusyPoll(const Napi::CallbackInfo& info) {
  if (Connection* connection = ConnectionAt0(info)) {
    connection->poll_policy().Configure(Int32At(info, 1, PollPolicy::kAuto));
  }
}

Napi::Value QueuedBytes(const Napi::CallbackInfo& info) {
  const Connection* connection = ConnectionAt0(info);
  const size_t bytes = connection == nullptr ? 0 : connection->queued_bytes();
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

Napi::Value OpenCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), EngineOf(info).open_count());
}

// What a greeting has read.
Napi::Value GreetingLine(const Napi::CallbackInfo& info) {
  const Greeting* greeting = EngineOf(info).FindGreeting(Uint32At(info, 0));
  return Napi::String::New(info.Env(), greeting == nullptr ? std::string() : greeting->line());
}

// The handle of the connection that a greeting becomes, or a negative errno.
Napi::Value Carry(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(EngineOf(info).Carry(Uint32At(info, 0))));
}

template <int (*read)(int, Address*)>
Napi::Value AddressOf(const Napi::CallbackInfo& info) {
  const Endpoint* endpoint = EndpointAt0(info);
  Address address;
  const bool known = endpoint != nullptr && read(endpoint->fd(), &address) == 0;
  return Napi::String::New(info.Env(), known ? FormatAddress(address) : std::string());
}

// [pid, uid, gid]
Napi::Value PeerCredentialsFunction(const Napi::CallbackInfo& info) {
  const Connection* connection = ConnectionAt0(info);
  Credentials credentials{};
  if (connection == nullptr || PeerCredentials(connection->fd(), &credentials) < 0) return info.Env().Undefined();
  const Napi::Env env = info.Env();
  Napi::Array result = Napi::Array::New(env, 3);
  result.Set(0U, Napi::Number::New(env, credentials.pid));
  result.Set(1U, Napi::Number::New(env, credentials.uid));
  result.Set(2U, Napi::Number::New(env, credentials.gid));
  return result;
}

Napi::Value PeerReadsFunction(const Napi::CallbackInfo& info) {
  const Connection* connection = ConnectionAt0(info);
  return Napi::Boolean::New(info.Env(), connection != nullptr && PeerReads(connection->fd()));
}

}  // namespace

void ExportHandleFunctions(Napi::Object exports) {
  Export<OnEndpoint<&Endpoint::Resume>>(exports, "start");
  Export<OnEndpoint<&Endpoint::Resume>>(exports, "resume");
  Export<OnEndpoint<&Endpoint::Pause>>(exports, "pause");
  Export<OnEndpoint<&Endpoint::Ref>>(exports, "ref");
  Export<OnEndpoint<&Endpoint::Unref>>(exports, "unref");
  Export<Close>(exports, "close");
  Export<GreetingLine>(exports, "greetingLine");
  Export<Carry>(exports, "carry");
  Export<ShutdownWriteFunction>(exports, "shutdownWrite");
  Export<SetMaxMessageBytes>(exports, "setMaxMessageBytes");
  Export<SetBusyPoll>(exports, "setBusyPoll");
  Export<QueuedBytes>(exports, "queuedBytes");
  Export<OpenCount>(exports, "openCount");
  Export<AddressOf<LocalAddress>>(exports, "localAddress");
  Export<AddressOf<PeerAddress>>(exports, "peerAddress");
  Export<PeerCredentialsFunction>(exports, "peerCredentials");
  Export<PeerReadsFunction>(exports, "peerReads");
}

}  // namespace ttrpc
