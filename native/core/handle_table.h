// Integer handles for objects: 20 bits of slot, 12 bits of generation, so that a stale handle finds nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace ttrpc {

template <typename T>
class HandleTable {
 public:
  static constexpr uint32_t kSlotBits = 20;
  static constexpr uint32_t kMaxSlots = 1U << kSlotBits;
  static constexpr uint32_t kMaxGeneration = (1U << (32 - kSlotBits)) - 1;

  bool full() const { return free_.empty() && slots_.size() == kMaxSlots; }
  uint32_t size() const { return size_; }

  // Precondition: !full(). The handle is never 0.
  uint32_t Insert(std::unique_ptr<T> object) {
    uint32_t index = 0;
    if (free_.empty()) {
      index = static_cast<uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      index = free_.back();
      free_.pop_back();
    }
    Slot& slot = slots_[index];
    slot.object = std::move(object);
    ++size_;
    return slot.generation << kSlotBits | index;
  }

  T* Find(uint32_t handle) const {
    const uint32_t index = handle & (kMaxSlots - 1);
    if (index >= slots_.size() || slots_[index].generation != handle >> kSlotBits) return nullptr;
    return slots_[index].object.get();
  }

  // Gives the object back to the caller; null if the handle is stale.
  std::unique_ptr<T> Remove(uint32_t handle) {
    if (Find(handle) == nullptr) return nullptr;
    const uint32_t index = handle & (kMaxSlots - 1);
    Slot& slot = slots_[index];
    slot.generation = slot.generation == kMaxGeneration ? 1 : slot.generation + 1;
    free_.push_back(index);
    --size_;
    return std::move(slot.object);
  }

  // Empties the table.
  std::vector<std::unique_ptr<T>> RemoveAll() {
    std::vector<std::unique_ptr<T>> all;
    all.reserve(size_);
    for (Slot& slot : slots_) {
      if (slot.object != nullptr) all.push_back(std::move(slot.object));
    }
    slots_.clear();
    free_.clear();
    size_ = 0;
    return all;
  }

 private:
  struct Slot {
    std::unique_ptr<T> object;
    uint32_t generation = 1;
  };

  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  uint32_t size_ = 0;
};

}  // namespace ttrpc
