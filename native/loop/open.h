// Opening endpoints: connect, listen, adopt. Every function returns a handle, or a negative errno.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "io/socket.h"

namespace ttrpc {

class Engine;

int64_t ConnectUnix(Engine& engine, std::string_view path);
// The outcome comes as EventKind::kConnected.
int64_t ConnectTcp(Engine& engine, const std::string& ip, int port);
// The outcome comes as EventKind::kConnected.
int64_t ConnectVsock(Engine& engine, uint32_t cid, uint32_t port);
// Connects, and asks with `request` for one line, before any frame: see loop/greeting.h. Engine::Carry goes on.
int64_t GreetUnix(Engine& engine, std::string_view path, std::string request, size_t max_line_bytes);
int64_t ListenUnix(Engine& engine, std::string_view path, const ListenOptions& options);
int64_t ListenTcp(Engine& engine, const std::string& ip, int port, const ListenOptions& options);
int64_t ListenVsock(Engine& engine, uint32_t cid, uint32_t port, const ListenOptions& options);
// The fd stays the caller's when they fail.
int64_t AdoptConnection(Engine& engine, int fd);
int64_t AdoptListener(Engine& engine, int fd);

}  // namespace ttrpc
