// Incremental frame parser: see parser.h.
#include "core/parser.h"

#include <algorithm>

namespace ttrpc {

FrameParser::Result FrameParser::Parse(const uint8_t* slab, size_t begin, size_t end, Span<InRow> rows_out) {
  size_t at = begin;
  uint32_t rows = 0;
  while (at < end) {
    const size_t available = end - at;
    if (discard_ > 0) {
      const auto dropped = static_cast<uint32_t>(std::min<size_t>(discard_, available));
      discard_ -= dropped;
      at += dropped;
      continue;
    }
    if (available < kHeaderSize || rows == rows_out.size) break;
    const FrameHeader header = DecodeHeader(slab + at);
    InRow& row = rows_out.data[rows];
    // Checked before anything is added to the length: it comes from the wire.
    if (header.length > max_payload_) {
      row = {header.stream_id, PackMeta(header) | kOversizeBit, 0, header.length};
      discard_ = header.length;
      at += kHeaderSize;
    } else {
      if (available - kHeaderSize < header.length) break;
      row = {header.stream_id, PackMeta(header), static_cast<uint32_t>(at + kHeaderSize), header.length};
      at += kHeaderSize + header.length;
    }
    ++rows;
  }
  return {rows, at};
}

}  // namespace ttrpc
