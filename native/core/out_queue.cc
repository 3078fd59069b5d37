// Ordered unsent output of one connection: see out_queue.h.
#include "core/out_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ttrpc {
namespace {

// Blocks are rounded up so that the small frames of later flushes find room behind the earlier ones.
constexpr size_t kBlockUnit = 4096;

}  // namespace

void OutQueue::AppendCopy(const uint8_t* data, size_t size) {
  bytes_ += size;
  if (first_ < segments_.size()) {
    Segment& last = segments_.back();
    const size_t fits = std::min(size, last.spare);
    if (fits > 0) {
      std::memcpy(last.block.get() + (last.data - last.block.get()) + last.size, data, fits);
      last.size += fits;
      last.spare -= fits;
      data += fits;
      size -= fits;
    }
  }
  if (size == 0) return;
  const size_t capacity = (size + kBlockUnit - 1) / kBlockUnit * kBlockUnit;
  Segment segment;
  segment.block.reset(new uint8_t[capacity]);  // uninitialized, which make_unique cannot do in C++17
  std::memcpy(segment.block.get(), data, size);
  segment.data = segment.block.get();
  segment.size = size;
  segment.spare = capacity - size;
  segments_.push_back(std::move(segment));
}

void OutQueue::AppendPinned(const uint8_t* data, size_t size, Pin pin) {
  if (size == 0) return;
  bytes_ += size;
  Segment segment;
  segment.pin = std::move(pin);
  segment.data = data;
  segment.size = size;
  segments_.push_back(std::move(segment));
}

size_t OutQueue::Peek(Piece* out, size_t capacity) const {
  const size_t count = std::min(capacity, segments_.size() - first_);
  for (size_t i = 0; i < count; ++i) {
    const Segment& segment = segments_[first_ + i];
    out[i] = {segment.data, segment.size, kNotReferenced};
  }
  return count;
}

void OutQueue::Consume(size_t size) {
  bytes_ -= size;
  while (size > 0) {
    Segment& segment = segments_[first_];
    const size_t taken = std::min(size, segment.size);
    segment.data += taken;
    segment.size -= taken;
    size -= taken;
    if (segment.size > 0) break;
    segment = Segment();
    ++first_;
  }
  if (bytes_ == 0) {
    Clear();
  } else if (first_ > 64 && first_ * 2 > segments_.size()) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void OutQueue::Clear() {
  std::vector<Segment>().swap(segments_);
  first_ = 0;
  bytes_ = 0;
}

}  // namespace ttrpc
