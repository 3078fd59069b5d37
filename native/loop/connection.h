// A connected stream socket: receives frames in batches, sends pieces, keeps what the kernel did not take.
#pragma once

#include <cstdint>
#include <memory>

#include "core/frame.h"
#include "core/out_queue.h"
#include "core/parser.h"
#include "core/piece.h"
#include "core/poll_policy.h"
#include "loop/endpoint.h"
#include "loop/large_frame.h"

namespace ttrpc {

class Connection final : public Endpoint {
 public:
  enum class ReadStatus : uint8_t { kWouldBlock, kPart, kFull, kStopped };

  Connection(Engine& engine, bool connecting) : Endpoint(engine, Kind::kConnection), connecting_(connecting) {}

  // Waits for a connect() in progress, if there is one.
  void Begin() { UpdateMask(); }
  void Resume() override;
  void Pause() override;
  void set_max_message_bytes(uint32_t bytes) { parser_.set_max_payload(bytes); }
  PollPolicy& poll_policy() { return poll_policy_; }
  // Whether the peer seems to have a core of its own: then it gets answers in parts, and works while we do.
  void set_peer_runs_beside(bool beside) { peer_runs_beside_ = beside; }

  // One recv, and delivery of what it completed. kFull: there may be more.
  ReadStatus ReadOnce();
  // True while another recv is allowed and waiting for it by polling makes sense.
  bool MayBusyPoll() const;

  // Sends, or queues behind what is queued.
  void Send(const Piece* pieces, size_t count);
  void ShutdownWriteWhenSent();
  size_t queued_bytes() const { return queue_.bytes(); }

  // Scratch of the flusher: this connection's last range in the running flush.
  uint32_t flush_range = UINT32_MAX;

 protected:
  void OnPoll(int status, int events) override;
  void OnClose() override;

 private:
  enum class SendBuffer : uint8_t { kDefault, kGrown };
  enum class WriteState : uint8_t { kOpen, kShutdownWanted, kShutdown, kFailed, kFailureReported };

  bool CanRead() const { return open() && reading_ && !ended_; }
  void UpdateMask();
  void FinishConnect();

  // connection_read.cc
  ReadStatus ReadSome();
  ReadStatus ReadSlab();
  ReadStatus ReadLarge();
  bool DeliverSlab(size_t end);
  void KeepPartial(const uint8_t* data, size_t size);
  void BeginLarge(const FrameHeader& header, const uint8_t* data, size_t size);
  void DeliverLarge();
  void EndInput(int64_t value);
  bool HasPartialFrame() const { return carry_size_ > 0 || large_ != nullptr || parser_.discarding(); }

  // connection_write.cc
  void OnWritable();
  void Enqueue(const Piece* pieces, size_t count, size_t skip);
  void DropOutput();
  void FailWrite(int error);
  void DrainAfterFailure();
  void OnOutputEmpty();

  FrameParser parser_;
  std::unique_ptr<uint8_t[]> carry_;  // a short partial frame between two wake-ups
  std::unique_ptr<LargeFrame> large_;
  OutQueue queue_;
  PollPolicy poll_policy_;
  uint32_t carry_size_ = 0;
  int write_error_ = 0;
  WriteState write_state_ = WriteState::kOpen;
  SendBuffer send_buffer_ = SendBuffer::kDefault;
  bool connecting_;
  bool peer_runs_beside_ = false;
  bool reading_ = false;
  bool ended_ = false;
};

static_assert(sizeof(Connection) < 1024, "an idle connection must stay small");

}  // namespace ttrpc
