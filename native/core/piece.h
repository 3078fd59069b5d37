// A run of bytes to be sent: part of the arena, or bytes which a reference row names.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ttrpc {

constexpr uint32_t kNotReferenced = UINT32_MAX;

struct Piece {
  const uint8_t* data;
  size_t size;
  uint32_t ref;  // index of the reference row, or kNotReferenced for arena bytes
};

}  // namespace ttrpc
