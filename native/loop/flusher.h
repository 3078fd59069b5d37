// Sends everything in the outgoing table: one pass over the rows, then one system call per connection.
#pragma once

#include <cstdint>
#include <vector>

#include "core/piece.h"
#include "core/tables.h"

namespace ttrpc {

class Connection;
class Engine;

class Flusher {
 public:
  explicit Flusher(Engine& engine) : engine_(engine) {}

  // Empties the table. -EINVAL: some rows pointed outside of registered memory and were dropped.
  int Flush();

 private:
  // Consecutive rows of one connection, as a run of `pieces_`.
  struct Range {
    Connection* connection;
    uint32_t begin;
    uint32_t end;
    uint32_t next;  // the same connection's next range
    bool head;      // the connection's first range
  };

  bool CollectRanges(uint32_t rows, uint32_t ref_rows);
  void AddRange(Connection* connection, uint32_t begin);
  void SendRanges();

  Engine& engine_;
  // Kept between flushes for their capacity only.
  std::vector<Piece> pieces_;
  std::vector<Piece> gathered_;
  std::vector<Range> ranges_;
  std::vector<Span<const uint8_t>> refs_;
};

}  // namespace ttrpc
