// Fuzz target: no outgoing or reference row makes the walk leave its memory, and a frame has its announced length.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/out_walk.h"

namespace {

// Hands out the input in small numbers, so that rows come near each other.
class Source {
 public:
  Source(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return size_ == 0; }
  uint32_t Next() {
    if (size_ == 0) return 0;
    --size_;
    const uint32_t byte = *data_++;
    return byte == 0xff ? 0xfffffff0U + (size_ & 15U) : byte;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Source source(data, size);
  std::vector<uint8_t> arena(source.Next() % 256);
  std::vector<ttrpc::RefRow> ref_rows(source.Next() % 16);
  std::vector<std::vector<uint8_t>> memory;
  std::vector<ttrpc::Span<const uint8_t>> refs;
  memory.reserve(ref_rows.size());
  for (ttrpc::RefRow& row : ref_rows) {
    row = {source.Next(), source.Next()};
    memory.emplace_back(row.length % 300);
    refs.push_back({memory.back().data(), memory.back().size()});
  }
  std::vector<ttrpc::Piece> pieces;
  ttrpc::OutWalk walk({arena.data(), arena.size()}, {ref_rows.data(), ref_rows.size()}, refs);
  while (!source.empty()) {
    const ttrpc::OutRow row{1, source.Next(), source.Next(), source.Next(), source.Next()};
    size_t before = 0;
    for (const ttrpc::Piece& piece : pieces) before += piece.size;
    const bool appended = walk.Append(row, (row.stream_id & 1U) != 0, &pieces);
    size_t after = 0;
    for (const ttrpc::Piece& piece : pieces) after += piece.size;
    if (after - before != (appended ? size_t{row.length} + ttrpc::kHeaderSize : 0)) std::abort();
  }
  // Every byte must be readable.
  std::vector<uint8_t> sent;
  for (const ttrpc::Piece& piece : pieces) sent.insert(sent.end(), piece.data, piece.data + piece.size);
  return 0;
}
