// Ordered unsent output of one connection: copied arena bytes and pinned foreign bytes. Empty, it owns no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/piece.h"
#include "core/pin.h"

namespace ttrpc {

class OutQueue {
 public:
  bool empty() const { return bytes_ == 0; }
  size_t bytes() const { return bytes_; }

  void AppendCopy(const uint8_t* data, size_t size);
  void AppendPinned(const uint8_t* data, size_t size, Pin pin);

  // Fills `out` with the oldest runs; returns how many.
  size_t Peek(Piece* out, size_t capacity) const;
  // Drops the oldest `size` bytes, and what kept them.
  void Consume(size_t size);
  void Clear();

 private:
  struct Segment {
    std::unique_ptr<uint8_t[]> block;  // owned bytes; null when pinned
    Pin pin;
    const uint8_t* data = nullptr;
    size_t size = 0;
    size_t spare = 0;  // bytes of the block behind data + size
  };

  std::vector<Segment> segments_;
  size_t first_ = 0;  // segments before this one are sent and empty
  size_t bytes_ = 0;
};

}  // namespace ttrpc
