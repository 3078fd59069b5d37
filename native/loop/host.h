// What the loop layer needs from whoever embeds it: entry into JavaScript and memory owned by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/pin.h"
#include "core/tables.h"

namespace ttrpc {

enum class EventKind : uint8_t { kEnd = 0, kDrain = 1, kConnected = 2, kAccept = 3, kAcceptError = 4, kGreeted = 5 };

// Memory registered by JavaScript; the host keeps it alive.
struct SharedMemory {
  Span<uint8_t> slab;
  Span<InRow> in_rows;
  Span<OutRow> out_rows;
  Span<RefRow> ref_rows;
  Span<uint8_t> arena;
  Span<int32_t> control;
};

struct LargeBuffer {
  Pin pin;  // empty when the memory could not be had
  uint8_t* data = nullptr;
};

class Host {
 public:
  // Calls into JavaScript, with ticks and microtasks. False: JavaScript can never be entered again.
  virtual bool OnFrames(uint32_t handle, uint32_t count) = 0;
  virtual bool OnLargeFrame(uint32_t handle, const Pin& buffer) = 0;
  virtual bool OnEvent(EventKind kind, uint32_t handle, int64_t value) = 0;
  // A flush which JavaScript did not ask for met rows that point outside of registered memory.
  virtual void OnBadRows() = 0;

  virtual LargeBuffer NewLargeBuffer(uint32_t size) = 0;

  // The bytes of the first `count` entries of the reference list; false if one is no byte array.
  virtual bool ResolveRefs(uint32_t count, std::vector<Span<const uint8_t>>* out) = 0;
  virtual Pin PinRef(uint32_t index) = 0;
  virtual void ClearRefs() = 0;

  // Every handle is closed; the loop layer will not call again.
  virtual void OnShutdown() = 0;

 protected:
  ~Host() = default;
};

}  // namespace ttrpc
