#pragma once

#include <utility>

#include <unistd.h>

namespace sfu::media {

// Owns a file descriptor on its way from one thread to another.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) {
      close(value_);
    }
  }

  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace sfu::media
