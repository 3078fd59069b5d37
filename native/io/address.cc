// Socket addresses: see address.h.
#include "io/address.h"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace ttrpc {
namespace {

std::string FormatUnix(const Address& address) {
  constexpr size_t kPathOffset = offsetof(sockaddr_un, sun_path);
  if (address.size <= kPathOffset) return "unix:";
  const auto* unix_address = reinterpret_cast<const sockaddr_un*>(&address.storage);
  const std::string_view path(unix_address->sun_path, address.size - kPathOffset);
  if (path.front() == '\0') return std::string("unix:@").append(path.substr(1));
  return std::string("unix:").append(path.substr(0, path.find('\0')));
}

std::string FormatTcp(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.family() == AF_INET) {
    const auto* in4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    inet_ntop(AF_INET, &in4->sin_addr, text.data(), text.size());
    return std::string("tcp:").append(text.data()).append(":").append(std::to_string(ntohs(in4->sin_port)));
  }
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  inet_ntop(AF_INET6, &in6->sin6_addr, text.data(), text.size());
  return std::string("tcp:[").append(text.data()).append("]:").append(std::to_string(ntohs(in6->sin6_port)));
}

std::string FormatVsock(const Address& address) {
  const auto* vsock = reinterpret_cast<const sockaddr_vm*>(&address.storage);
  const std::string cid = vsock->svm_cid == VMADDR_CID_ANY ? "-1" : std::to_string(vsock->svm_cid);
  return std::string("vsock:").append(cid).append(":").append(std::to_string(vsock->svm_port));
}

}  // namespace

int MakeUnixAddress(std::string_view path, Address* out) {
  auto* address = reinterpret_cast<sockaddr_un*>(&out->storage);
  if (path.empty()) return -EINVAL;
  const bool abstract = path.front() == '\0';
  if (!abstract && path.find('\0') != std::string_view::npos) return -EINVAL;
  // A file name keeps one byte for its terminator; an abstract name has none, its length is in the address size.
  const size_t limit = abstract ? sizeof(address->sun_path) : sizeof(address->sun_path) - 1;
  if (path.size() > limit) return -ENAMETOOLONG;
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.data(), path.size());
  out->size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return 0;
}

int MakeTcpAddress(const std::string& ip, int port, Address* out) {
  if (port < 0 || port > 65535) return -EINVAL;
  auto* in4 = reinterpret_cast<sockaddr_in*>(&out->storage);
  if (inet_pton(AF_INET, ip.c_str(), &in4->sin_addr) == 1) {
    in4->sin_family = AF_INET;
    in4->sin_port = htons(static_cast<uint16_t>(port));
    out->size = sizeof(sockaddr_in);
    return 0;
  }
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&out->storage);
  if (inet_pton(AF_INET6, ip.c_str(), &in6->sin6_addr) == 1) {
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(static_cast<uint16_t>(port));
    out->size = sizeof(sockaddr_in6);
    return 0;
  }
  return -EINVAL;
}

void MakeVsockAddress(uint32_t cid, uint32_t port, Address* out) {
  auto* address = reinterpret_cast<sockaddr_vm*>(&out->storage);
  address->svm_family = AF_VSOCK;
  address->svm_port = port;
  address->svm_cid = cid;
  out->size = sizeof(sockaddr_vm);
}

std::string FormatAddress(const Address& address) {
  switch (address.family()) {
    case AF_UNIX:
      return FormatUnix(address);
    case AF_INET:
    case AF_INET6:
      return FormatTcp(address);
    case AF_VSOCK:
      return FormatVsock(address);
    default:
      return "";
  }
}

}  // namespace ttrpc
