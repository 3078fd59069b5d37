// Fuzz target: what is consumed from the queue is what was appended, and every pin is released exactly once.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/out_queue.h"

namespace {

class Pins final : public ttrpc::PinOwner {
 public:
  ttrpc::Pin Make(std::vector<uint8_t> bytes, const uint8_t** data) {
    auto owned = std::make_unique<std::vector<uint8_t>>(std::move(bytes));
    *data = owned->data();
    ++alive_;
    return {this, owned.release()};
  }
  void Unpin(void* token) override {
    const std::unique_ptr<std::vector<uint8_t>> owned(static_cast<std::vector<uint8_t>*>(token));
    --alive_;
  }
  int alive() const { return alive_; }

 private:
  int alive_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Pins pins;
  std::vector<uint8_t> expected;
  {
    ttrpc::OutQueue queue;
    for (size_t i = 0; i + 1 < size; i += 2) {
      const size_t amount = size_t{data[i + 1]} * (data[i] >= 0x80 ? 64 : 1);
      const std::vector<uint8_t> bytes(amount, static_cast<uint8_t>(i));
      const unsigned action = data[i] % 3;
      if (action == 0) {
        queue.AppendCopy(bytes.data(), bytes.size());
        expected.insert(expected.end(), bytes.begin(), bytes.end());
      } else if (action == 1) {
        const uint8_t* pinned = nullptr;
        ttrpc::Pin pin = pins.Make(bytes, &pinned);
        queue.AppendPinned(pinned, amount, std::move(pin));
        expected.insert(expected.end(), bytes.begin(), bytes.end());
      } else {
        std::array<ttrpc::Piece, 5> pieces{};
        const size_t count = queue.Peek(pieces.data(), pieces.size());
        size_t at = 0;
        for (size_t k = 0; k < count; ++k) {
          if (!std::equal(pieces[k].data, pieces[k].data + pieces[k].size, expected.begin() + at)) std::abort();
          at += pieces[k].size;
        }
        const size_t taken = std::min(at, amount);
        queue.Consume(taken);
        expected.erase(expected.begin(), expected.begin() + taken);
      }
      if (queue.bytes() != expected.size() || queue.empty() != expected.empty()) std::abort();
      if (queue.empty() && pins.alive() != 0) std::abort();
    }
  }
  if (pins.alive() != 0) std::abort();
  return 0;
}
