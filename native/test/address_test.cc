// The bytes of vsock addresses, and their text: no socket is made. Exits with 1 and a line at the first that is wrong.
#include "io/address.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

bool Is(const ttrpc::Address& address, const unsigned char (&bytes)[16]) {
  return address.size == sizeof(bytes) && std::memcmp(address.get(), bytes, sizeof(bytes)) == 0;
}

}  // namespace

int main() {
  using ttrpc::Address;
  using ttrpc::FormatAddress;
  using ttrpc::MakeVsockAddress;

  Address guest;
  MakeVsockAddress(3, 1024, &guest);
  // family 40, reserved, port, cid, flags and padding; numbers in the machine's order, which is this one's
  Check(Is(guest, {40, 0, 0, 0, 0, 4, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}), "the bytes of cid 3, port 1024");
  Check(FormatAddress(guest) == "vsock:3:1024", "the text of cid 3, port 1024");

  Address any;
  MakeVsockAddress(UINT32_MAX, UINT32_MAX, &any);
  Check(Is(any, {40, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0}), "the bytes of any cid, any port");
  Check(FormatAddress(any) == "vsock:-1:4294967295", "the text of any cid");

  Address big;
  MakeVsockAddress(0x01020304, 0xfffefdfc, &big);
  Check(Is(big, {40, 0, 0, 0, 0xfc, 0xfd, 0xfe, 0xff, 4, 3, 2, 1, 0, 0, 0, 0}), "all 32 bits of cid and port");
  Check(FormatAddress(big) == "vsock:16909060:4294901244", "the text of large numbers is not negative");

  Check(FormatAddress(Address()).empty(), "no text for a family that is not known");
  return 0;
}
