// The receiving half of a connection: slab batches, carried partial frames, large frames, end of input.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/transfer.h"
#include "loop/connection.h"
#include "loop/engine.h"

namespace ttrpc {
namespace {

// Fairness between connections: then the loop comes back.
constexpr int kMaxReceivesPerWakeup = 4;
// From this total size on an incomplete frame gets a buffer of its own instead of being copied once more.
constexpr size_t kLargeFrameSize = 16384;

// What JavaScript made of a batch is sent after it. On one core the fewer batches the better; a peer with a core of its
// own begins with the first answers while we make the rest: 64 calls in flight, 0.9 to 1.3 M calls a second.
constexpr size_t kRowsBeside = 32;

}  // namespace

Connection::ReadStatus Connection::ReadSome() {
  ReadStatus status = ReadStatus::kFull;
  for (int i = 0; i < kMaxReceivesPerWakeup && status == ReadStatus::kFull; ++i) status = ReadOnce();
  return status;
}

Connection::ReadStatus Connection::ReadOnce() {
  const ReadStatus status = large_ != nullptr ? ReadLarge() : ReadSlab();
  return CanRead() ? status : ReadStatus::kStopped;
}

Connection::ReadStatus Connection::ReadSlab() {
  const Span<uint8_t> slab = engine().memory().slab;
  const size_t space = slab.size - carry_size_;
  const ssize_t received = ReceiveBytes(fd(), slab.data + carry_size_, space);
  if (received == -EAGAIN) return ReadStatus::kWouldBlock;
  if (received <= 0) {
    EndInput(received);
    return ReadStatus::kStopped;
  }
  const size_t end = carry_size_ + static_cast<size_t>(received);
  if (carry_size_ > 0) {
    std::memcpy(slab.data, carry_.get(), carry_size_);
    carry_.reset();
    carry_size_ = 0;
  }
  if (!DeliverSlab(end)) return ReadStatus::kStopped;
  return static_cast<size_t>(received) == space ? ReadStatus::kFull : ReadStatus::kPart;
}

// False once nothing more may be delivered. A pause does not stop frames which have been received already.
bool Connection::DeliverSlab(size_t end) {
  const SharedMemory& memory = engine().memory();
  Span<InRow> rows = memory.in_rows;
  if (peer_runs_beside_) rows.size = std::min(rows.size, kRowsBeside);
  FrameParser::Result parsed{0, 0};
  do {
    parsed = parser_.Parse(memory.slab.data, parsed.next, end, rows);
    if (parsed.rows > 0 && !(engine().EmitFrames(handle(), parsed.rows) && open())) return false;
  } while (parsed.rows == rows.size);
  if (parsed.next < end) KeepPartial(memory.slab.data + parsed.next, end - parsed.next);
  return true;
}

void Connection::KeepPartial(const uint8_t* data, size_t size) {
  if (size >= kHeaderSize) {
    const FrameHeader header = DecodeHeader(data);
    if (size_t{header.length} + kHeaderSize >= kLargeFrameSize) {
      BeginLarge(header, data + kHeaderSize, size - kHeaderSize);
      return;
    }
  }
  carry_.reset(new uint8_t[size]);  // uninitialized, which make_unique cannot do in C++17
  std::memcpy(carry_.get(), data, size);
  carry_size_ = static_cast<uint32_t>(size);
}

void Connection::BeginLarge(const FrameHeader& header, const uint8_t* data, size_t size) {
  LargeBuffer buffer = engine().host().NewLargeBuffer(header.length);
  if (!buffer.pin) {
    EndInput(-ENOMEM);
    return;
  }
  std::memcpy(buffer.data, data, size);
  large_ = std::make_unique<LargeFrame>(LargeFrame{std::move(buffer.pin), buffer.data, header.length,
                                                   static_cast<uint32_t>(size), header.stream_id, PackMeta(header)});
}

Connection::ReadStatus Connection::ReadLarge() {
  LargeFrame& frame = *large_;
  const ssize_t received = ReceiveBytes(fd(), frame.data + frame.received, frame.size - frame.received);
  if (received == -EAGAIN) return ReadStatus::kWouldBlock;
  if (received <= 0) {
    EndInput(received);
    return ReadStatus::kStopped;
  }
  frame.received += static_cast<uint32_t>(received);
  if (frame.received < frame.size) return ReadStatus::kPart;
  DeliverLarge();
  return ReadStatus::kFull;
}

void Connection::DeliverLarge() {
  const std::unique_ptr<LargeFrame> frame = std::move(large_);
  engine().memory().in_rows.data[0] = {frame->stream_id, frame->meta, 0, frame->size};
  engine().EmitLargeFrame(handle(), frame->buffer);
}

void Connection::EndInput(int64_t value) {
  if (value == 0 && HasPartialFrame()) value = 1;
  if (write_state_ == WriteState::kFailed) {
    value = write_error_;
    write_state_ = WriteState::kFailureReported;
  }
  ended_ = true;
  large_.reset();
  carry_.reset();
  carry_size_ = 0;
  UpdateMask();
  engine().EmitEvent(EventKind::kEnd, handle(), value);
}

}  // namespace ttrpc
