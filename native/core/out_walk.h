// Turns rows of the outgoing table into runs of bytes: writes headers, inserts referenced bytes, joins neighbours.
#pragma once

#include <cstdint>
#include <vector>

#include "core/piece.h"
#include "core/tables.h"

namespace ttrpc {

class OutWalk {
 public:
  OutWalk(Span<uint8_t> arena, Span<const RefRow> rows, const std::vector<Span<const uint8_t>>& refs)
      : arena_(arena), rows_(rows), refs_(refs) {}

  // Appends one frame to `pieces`; `join` allows growing the last piece. Rows must come in table order.
  // False (nothing appended): the row or one of its references is outside the memory it may name.
  bool Append(const OutRow& row, bool join, std::vector<Piece>* pieces);

 private:
  bool AppendArena(size_t begin, size_t end, bool join, std::vector<Piece>* pieces) const;

  Span<uint8_t> arena_;
  Span<const RefRow> rows_;
  const std::vector<Span<const uint8_t>>& refs_;
  size_t next_ref_ = 0;
};

}  // namespace ttrpc
