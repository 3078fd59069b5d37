// A frame too large for the slab which is being received into a buffer of its own.
#pragma once

#include <cstdint>

#include "core/pin.h"

namespace ttrpc {

struct LargeFrame {
  Pin buffer;
  uint8_t* data;
  uint32_t size;
  uint32_t received;
  uint32_t stream_id;
  uint32_t meta;
};

}  // namespace ttrpc
