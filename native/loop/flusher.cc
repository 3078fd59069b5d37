// Sends everything in the outgoing table: see flusher.h.
#include "loop/flusher.h"

#include <algorithm>
#include <cerrno>

#include "core/out_walk.h"
#include "loop/connection.h"
#include "loop/engine.h"

namespace ttrpc {
namespace {

constexpr uint32_t kNoRange = UINT32_MAX;

uint32_t TakeCount(const SharedMemory& memory, ControlWord word, size_t limit) {
  const int32_t count = std::exchange(memory.control.data[word], 0);
  return count <= 0 ? 0 : static_cast<uint32_t>(std::min<size_t>(static_cast<size_t>(count), limit));
}

}  // namespace

int Flusher::Flush() {
  const SharedMemory& memory = engine_.memory();
  const uint32_t rows = TakeCount(memory, kOutRows, memory.out_rows.size);
  const uint32_t ref_rows = TakeCount(memory, kRefRows, memory.ref_rows.size);
  const bool refs_valid = engine_.host().ResolveRefs(ref_rows, &refs_);
  const bool rows_valid = CollectRanges(rows, ref_rows);
  SendRanges();
  if (ref_rows > 0) engine_.host().ClearRefs();
  pieces_.clear();
  ranges_.clear();
  return refs_valid && rows_valid ? 0 : -EINVAL;
}

bool Flusher::CollectRanges(uint32_t rows, uint32_t ref_rows) {
  const SharedMemory& memory = engine_.memory();
  OutWalk walk(memory.arena, {memory.ref_rows.data, ref_rows}, refs_);
  bool valid = true;
  uint32_t handle = 0;
  Connection* connection = nullptr;
  for (uint32_t i = 0; i < rows; ++i) {
    const OutRow& row = memory.out_rows.data[i];
    const bool join = i > 0 && row.handle == handle;
    if (!join) {
      handle = row.handle;
      connection = engine_.FindConnection(handle);
    }
    const auto begin = static_cast<uint32_t>(pieces_.size());
    const bool joinable = join && connection != nullptr;
    valid &= walk.Append(row, joinable, &pieces_);
    if (connection == nullptr) {
      pieces_.resize(begin);  // closed meanwhile: walked over for its references only
    } else if (join && !ranges_.empty() && ranges_.back().connection == connection) {
      ranges_.back().end = static_cast<uint32_t>(pieces_.size());
    } else {
      AddRange(connection, begin);
    }
  }
  return valid;
}

void Flusher::AddRange(Connection* connection, uint32_t begin) {
  const auto index = static_cast<uint32_t>(ranges_.size());
  const bool head = connection->flush_range == kNoRange;
  if (!head) ranges_[connection->flush_range].next = index;
  connection->flush_range = index;
  ranges_.push_back({connection, begin, static_cast<uint32_t>(pieces_.size()), kNoRange, head});
}

void Flusher::SendRanges() {
  for (const Range& range : ranges_) {
    if (!range.head) continue;
    range.connection->flush_range = kNoRange;
    if (range.next == kNoRange) {
      range.connection->Send(pieces_.data() + range.begin, range.end - range.begin);
      continue;
    }
    gathered_.clear();
    const Range* part = &range;
    for (;;) {
      gathered_.insert(gathered_.end(), pieces_.begin() + part->begin, pieces_.begin() + part->end);
      if (part->next == kNoRange) break;
      part = &ranges_[part->next];
    }
    range.connection->Send(gathered_.data(), gathered_.size());
  }
}

}  // namespace ttrpc
