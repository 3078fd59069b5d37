// Turns rows of the outgoing table into runs of bytes: see out_walk.h.
#include "core/out_walk.h"

namespace ttrpc {

bool OutWalk::AppendArena(size_t begin, size_t end, bool join, std::vector<Piece>* pieces) const {
  if (end > arena_.size) return false;
  if (begin == end) return true;
  const uint8_t* data = arena_.data + begin;
  if (join && !pieces->empty()) {
    Piece& last = pieces->back();
    if (last.ref == kNotReferenced && last.data + last.size == data) {
      last.size += end - begin;
      return true;
    }
  }
  pieces->push_back({data, end - begin, kNotReferenced});
  return true;
}

bool OutWalk::Append(const OutRow& row, bool join, std::vector<Piece>* pieces) {
  if (row.offset < kHeaderSize || row.offset > arena_.size) return false;
  const size_t count_before = pieces->size();
  const size_t last_size_before = count_before == 0 ? 0 : pieces->back().size;

  size_t begin = row.offset - kHeaderSize;  // of the arena bytes not yet appended
  size_t position = row.offset;
  size_t remaining = row.length;
  bool valid = true;
  // References of rows refused before.
  while (next_ref_ < rows_.size && rows_.data[next_ref_].position < position) ++next_ref_;
  for (; next_ref_ < rows_.size; ++next_ref_) {
    const RefRow& ref = rows_.data[next_ref_];
    if (ref.position < position || ref.position - position > remaining) break;
    const size_t arena_bytes = ref.position - position;
    if (remaining - arena_bytes < ref.length) break;
    remaining -= arena_bytes + ref.length;
    position = ref.position;
    if (!valid) continue;  // still counts the references of an invalid row
    const Span<const uint8_t>& bytes = refs_[next_ref_];
    valid = bytes.size == ref.length && AppendArena(begin, position, join, pieces);
    if (valid && ref.length > 0) {
      pieces->push_back({bytes.data, bytes.size, static_cast<uint32_t>(next_ref_)});
      join = false;
    } else if (valid) {
      join = true;
    }
    begin = position;
  }
  valid = valid && AppendArena(begin, position + remaining, join, pieces);
  if (!valid) {
    pieces->resize(count_before);
    if (count_before > 0) pieces->back().size = last_size_before;
    return false;
  }
  EncodeHeader(arena_.data + row.offset - kHeaderSize,
               {row.length, row.stream_id, static_cast<uint8_t>(row.meta), static_cast<uint8_t>(row.meta >> 8U)});
  return true;
}

}  // namespace ttrpc
