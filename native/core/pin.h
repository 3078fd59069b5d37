// A move-only claim on foreign memory (a JavaScript buffer): while it lives, the memory stays.
#pragma once

#include <utility>

namespace ttrpc {

class PinOwner {
 public:
  virtual void Unpin(void* token) = 0;

 protected:
  ~PinOwner() = default;
};

class Pin {
 public:
  Pin() = default;
  Pin(PinOwner* owner, void* token) : owner_(owner), token_(token) {}
  Pin(Pin&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), token_(other.token_) {}
  Pin& operator=(Pin&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(token_, other.token_);
    return *this;
  }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  ~Pin() {
    if (owner_ != nullptr) owner_->Unpin(token_);
  }

  explicit operator bool() const { return owner_ != nullptr; }
  void* token() const { return token_; }

 private:
  PinOwner* owner_ = nullptr;
  void* token_ = nullptr;
};

}  // namespace ttrpc
