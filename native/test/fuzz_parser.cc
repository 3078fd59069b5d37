// Fuzz target: any split of any input gives the same frames, read back by an independent one-shot reader.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "core/parser.h"

namespace {

using ttrpc::InRow;

struct Frame {
  uint32_t stream_id;
  uint32_t meta;
  uint32_t length;
  std::vector<uint8_t> payload;

  bool operator==(const Frame& other) const {
    return stream_id == other.stream_id && meta == other.meta && length == other.length && payload == other.payload;
  }
};

// The frames of a whole input, written as plainly as the format reads.
std::vector<Frame> ReadWhole(const std::vector<uint8_t>& input, uint32_t max_payload) {
  std::vector<Frame> frames;
  size_t at = 0;
  while (input.size() - at >= ttrpc::kHeaderSize) {
    const ttrpc::FrameHeader header = ttrpc::DecodeHeader(input.data() + at);
    at += ttrpc::kHeaderSize;
    const size_t available = std::min<size_t>(header.length, input.size() - at);
    if (header.length > max_payload) {
      frames.push_back({header.stream_id, ttrpc::PackMeta(header) | ttrpc::kOversizeBit, header.length, {}});
    } else {
      if (available < header.length) break;
      frames.push_back({header.stream_id, ttrpc::PackMeta(header), header.length,
                        std::vector<uint8_t>(input.begin() + at, input.begin() + at + available)});
    }
    at += available;
  }
  return frames;
}

// The same through the parser, in chunks, with a small table, moving partial frames as a connection does.
std::vector<Frame> ReadChunks(const std::vector<uint8_t>& input, uint32_t max_payload, size_t chunk, size_t rows) {
  ttrpc::FrameParser parser;
  parser.set_max_payload(max_payload);
  std::array<InRow, 8> table{};
  std::vector<uint8_t> slab;
  std::vector<Frame> frames;
  for (size_t begin = 0; begin < input.size(); begin += chunk) {
    const size_t end = std::min(input.size(), begin + chunk);
    slab.insert(slab.end(), input.begin() + begin, input.begin() + end);
    slab.shrink_to_fit();  // so that the sanitizer sees every byte read too far
    ttrpc::FrameParser::Result result{0, 0};
    do {
      result = parser.Parse(slab.data(), result.next, slab.size(), {table.data(), rows});
      for (uint32_t i = 0; i < result.rows; ++i) {
        const InRow& row = table[i];
        const bool oversize = (row.meta & ttrpc::kOversizeBit) != 0;
        const size_t size = oversize ? 0 : row.length;
        frames.push_back({row.stream_id, row.meta, row.length,
                          std::vector<uint8_t>(slab.begin() + row.offset, slab.begin() + row.offset + size)});
      }
    } while (result.rows == rows);
    slab.erase(slab.begin(), slab.begin() + result.next);
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const size_t chunk = data[0] + size_t{1};
  const size_t rows = data[1] % 8 + size_t{1};
  const uint32_t max_payload = data[2];
  const std::vector<uint8_t> input(data + 3, data + size);
  const std::vector<Frame> expected = ReadWhole(input, max_payload);
  if (!(ReadChunks(input, max_payload, chunk, rows) == expected)) std::abort();
  if (!(ReadChunks(input, max_payload, 1, 1) == expected)) std::abort();
  return 0;
}
