// Incremental frame parser: finds complete frames in a slab; knows what is oversized and what is still to be discarded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/frame.h"
#include "core/tables.h"

namespace ttrpc {

class FrameParser {
 public:
  struct Result {
    uint32_t rows;  // rows written
    size_t next;    // first byte not consumed: the start of an incomplete frame, or `end`
  };

  void set_max_payload(uint32_t bytes) { max_payload_ = bytes; }
  bool discarding() const { return discard_ > 0; }

  // Parses slab[begin, end). When `rows == rows_out.size` there may be more: call again from `next`.
  Result Parse(const uint8_t* slab, size_t begin, size_t end, Span<InRow> rows_out);

 private:
  uint32_t max_payload_ = kDefaultMaxPayload;
  uint32_t discard_ = 0;  // payload bytes of an oversized frame which have not arrived yet
};

}  // namespace ttrpc
