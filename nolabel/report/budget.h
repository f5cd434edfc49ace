// Bytes that may still go into a file of limited size.
#pragma once

#include <cstdint>

namespace nolabel {

class Budget {
 public:
  explicit Budget(int64_t bytes) : left_(bytes) {}
  // True when `bytes` fit; they are then spent.
  bool take(int64_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  int64_t left() const { return left_; }
  // For what cannot be left out; may overdraw, and then nothing else fits.
  void spend(int64_t bytes) { left_ -= bytes; }

 private:
  int64_t left_;
};

}  // namespace nolabel
