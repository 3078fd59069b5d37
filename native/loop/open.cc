// Opening endpoints: see open.h.
#include "loop/open.h"

#include <cerrno>
#include <utility>

#include "io/address.h"
#include "loop/engine.h"

namespace ttrpc {
namespace {

int64_t Connect(Engine& engine, const Address& address, bool report) {
  UniqueFd fd;
  const int result = ConnectSocket(address, &fd);
  if (result < 0 && result != -EINPROGRESS) return result;
  return engine.AddConnection(&fd, report);
}

int64_t Listen(Engine& engine, const Address& address, const ListenOptions& options) {
  UniqueFd fd;
  const int result = ListenSocket(address, options, &fd);
  return result < 0 ? result : engine.AddListener(&fd);
}

}  // namespace

int64_t ConnectUnix(Engine& engine, std::string_view path) {
  Address address;
  const int result = MakeUnixAddress(path, &address);
  return result < 0 ? result : Connect(engine, address, false);
}

int64_t ConnectTcp(Engine& engine, const std::string& ip, int port) {
  Address address;
  const int result = MakeTcpAddress(ip, port, &address);
  return result < 0 ? result : Connect(engine, address, true);
}

int64_t ConnectVsock(Engine& engine, uint32_t cid, uint32_t port) {
  Address address;
  MakeVsockAddress(cid, port, &address);
  return Connect(engine, address, true);
}

int64_t GreetUnix(Engine& engine, std::string_view path, std::string request, size_t max_line_bytes) {
  Address address;
  int result = MakeUnixAddress(path, &address);
  if (result < 0) return result;
  UniqueFd fd;
  result = ConnectSocket(address, &fd);
  return result < 0 ? result : engine.AddGreeting(&fd, std::move(request), max_line_bytes);
}

int64_t ListenUnix(Engine& engine, std::string_view path, const ListenOptions& options) {
  Address address;
  const int result = MakeUnixAddress(path, &address);
  return result < 0 ? result : Listen(engine, address, options);
}

int64_t ListenTcp(Engine& engine, const std::string& ip, int port, const ListenOptions& options) {
  Address address;
  const int result = MakeTcpAddress(ip, port, &address);
  return result < 0 ? result : Listen(engine, address, options);
}

int64_t ListenVsock(Engine& engine, uint32_t cid, uint32_t port, const ListenOptions& options) {
  Address address;
  MakeVsockAddress(cid, port, &address);
  return Listen(engine, address, options);
}

int64_t AdoptConnection(Engine& engine, int fd) {
  const int result = PrepareAdopted(fd, false);
  if (result < 0) return result;
  UniqueFd adopted(fd);
  const int64_t handle = engine.AddConnection(&adopted, false);
  adopted.release();
  return handle;
}

int64_t AdoptListener(Engine& engine, int fd) {
  const int result = PrepareAdopted(fd, true);
  if (result < 0) return result;
  UniqueFd adopted(fd);
  const int64_t handle = engine.AddListener(&adopted);
  adopted.release();
  return handle;
}

}  // namespace ttrpc
