// The rows and words shared with JavaScript through typed arrays; the layout is a contract with lib/channel.
#pragma once

#include <cstdint>

#include "core/frame.h"

namespace ttrpc {

// One parsed frame. `meta` is type | flags << 8 | oversize << 16.
struct InRow {
  uint32_t stream_id;
  uint32_t meta;
  uint32_t offset;
  uint32_t length;
};

// One frame to send. `length` includes the bytes which reference rows insert.
struct OutRow {
  uint32_t handle;
  uint32_t stream_id;
  uint32_t meta;
  uint32_t offset;
  uint32_t length;
};

// Foreign bytes to be sent between arena[position - 1] and arena[position].
struct RefRow {
  uint32_t position;
  uint32_t length;
};

static_assert(sizeof(InRow) == 16 && sizeof(OutRow) == 20 && sizeof(RefRow) == 8, "rows are packed words");

enum ControlWord : uint8_t {
  kOutRows = 0,
  kRefRows = 1,
  kInCallback = 2,
  kBacklogged = 3,
  kControlWords = 4,
};

constexpr uint32_t kOversizeBit = 1U << 16U;

inline uint32_t PackMeta(const FrameHeader& header) { return header.type | uint32_t{header.flags} << 8U; }

// A view of memory which somebody else keeps alive.
template <typename T>
struct Span {
  T* data = nullptr;
  size_t size = 0;
};

}  // namespace ttrpc
