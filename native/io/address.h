// Socket addresses: from path, abstract name, IP literal or vsock's numbers; and to text.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace ttrpc {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// A leading NUL makes it an abstract name of exactly that length. 0, -EINVAL or -ENAMETOOLONG.
int MakeUnixAddress(std::string_view path, Address* out);
// `ip` is an IPv4 or IPv6 literal. 0 or -EINVAL.
int MakeTcpAddress(const std::string& ip, int port, Address* out);
// UINT32_MAX is any: cid, or port when listening.
void MakeVsockAddress(uint32_t cid, uint32_t port, Address* out);

// "unix:/path", "unix:@name", "unix:" when unnamed, "tcp:127.0.0.1:80", "tcp:[::1]:80", "vsock:3:1024" with cid -1 for
// any; "" for other families.
std::string FormatAddress(const Address& address);

}  // namespace ttrpc
