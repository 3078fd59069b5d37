// Decides after which wake-ups a connection may busy-poll: automatic with exponential back-off, always, or never.
#pragma once

#include <algorithm>
#include <cstdint>

namespace ttrpc {

class PollPolicy {
 public:
  static constexpr int32_t kAuto = -1;
  static constexpr int32_t kAutoWindowMicros = 50;
  // While no poll has come back empty: answers to 64 calls at a time take about 50 us, and missing them by a little
  // costs a sleep.
  static constexpr int32_t kPayingWindowMicros = 100;
  static constexpr uint8_t kMaxLevel = 10;  // skips at most 1 << 10 wake-ups

  void Configure(int32_t micros) {
    micros_ = micros < 0 ? kAuto : micros;
    level_ = 0;
    skip_ = 0;
  }

  int32_t window_micros() const {
    if (micros_ != kAuto) return micros_;
    return level_ == 0 ? kPayingWindowMicros : kAutoWindowMicros;
  }

  bool enabled() const { return micros_ != 0; }
  bool automatic() const { return micros_ == kAuto; }

  // Counts one wake-up.
  bool MayPoll() {
    if (micros_ == 0) return false;
    if (skip_ == 0) return true;
    --skip_;
    return false;
  }

  void OnSuccess() { level_ = level_ == 0 ? 0 : static_cast<uint8_t>(level_ - 1); }

  void OnEmpty() {
    if (micros_ != kAuto) return;
    level_ = std::min<uint8_t>(kMaxLevel, static_cast<uint8_t>(level_ + 1));
    skip_ = static_cast<uint16_t>(1U << level_);
  }

 private:
  int32_t micros_ = kAuto;
  uint16_t skip_ = 0;
  uint8_t level_ = 0;
};

}  // namespace ttrpc
