// The 10-byte ttrpc frame header: its layout, encoding and decoding.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ttrpc {

constexpr uint32_t kHeaderSize = 10;
constexpr uint32_t kDefaultMaxPayload = 4U << 20U;

struct FrameHeader {
  uint32_t length;
  uint32_t stream_id;
  uint8_t type;
  uint8_t flags;
};

inline uint32_t LoadBigEndian32(const uint8_t* p) {
  return uint32_t{p[0]} << 24U | uint32_t{p[1]} << 16U | uint32_t{p[2]} << 8U | uint32_t{p[3]};
}

inline void StoreBigEndian32(uint8_t* p, uint32_t value) {
  p[0] = static_cast<uint8_t>(value >> 24U);
  p[1] = static_cast<uint8_t>(value >> 16U);
  p[2] = static_cast<uint8_t>(value >> 8U);
  p[3] = static_cast<uint8_t>(value);
}

inline FrameHeader DecodeHeader(const uint8_t* p) { return {LoadBigEndian32(p), LoadBigEndian32(p + 4), p[8], p[9]}; }

inline void EncodeHeader(uint8_t* p, const FrameHeader& header) {
  StoreBigEndian32(p, header.length);
  StoreBigEndian32(p + 4, header.stream_id);
  p[8] = header.type;
  p[9] = header.flags;
}

}  // namespace ttrpc
