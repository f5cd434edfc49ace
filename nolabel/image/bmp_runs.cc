#include "nolabel/image/bmp_runs.h"

#include <algorithm>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

class RunReader {
 public:
  RunReader(std::span<const std::byte> runs, bool nibbles, int64_t height, int64_t width)
      : rest_(runs), nibbles_(nibbles), height_(height), width_(width) {}

  std::vector<uint8_t> read() {
    indices_.resize(static_cast<size_t>(height_ * width_));
    bool ended = false;
    while (!ended && !complete()) {
      const int count = octet(), value = octet();
      if (count > 0) {
        repeat(count, value);
      } else if (value >= kLiteral) {
        copy(value);
      } else {
        ended = follow_mark(value);
      }
    }
    return std::move(indices_);
  }

 private:
  // The second byte after a zero; larger ones are a number of pixels that follow as they are.
  enum Mark { kEndOfRow = 0, kEndOfPicture = 1, kJump = 2, kLiteral = 3 };

  bool complete() const { return y_ >= height_ || (y_ == height_ - 1 && x_ >= width_); }

  int octet() {
    if (rest_.empty()) fail_data("truncated BMP");
    const int value = std::to_integer<int>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }

  // Pixels beyond the right edge are dropped.
  void put(int index) {
    if (x_ < width_) indices_[static_cast<size_t>(y_ * width_ + x_)] = static_cast<uint8_t>(index);
    ++x_;
  }

  int half(int value, int position) const {
    if (!nibbles_) return value;
    return position % 2 == 0 ? value >> 4 : value & 15;
  }

  void repeat(int count, int value) {
    for (int i = 0; i < count; ++i) put(half(value, i));
  }

  void copy(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (!nibbles_ || i % 2 == 0) value = octet();
      put(half(value, i));
    }
    // The pixels fill whole pairs of bytes.
    const int bytes = nibbles_ ? (count + 1) / 2 : count;
    if (bytes % 2 != 0 && !rest_.empty()) octet();
  }

  // True at the end of the picture.
  bool follow_mark(int mark) {
    if (mark == kEndOfPicture) return true;
    if (mark == kEndOfRow) {
      x_ = 0;
      ++y_;
    } else {
      x_ = std::min(x_ + octet(), width_);
      y_ += octet();
    }
    return false;
  }

  std::span<const std::byte> rest_;
  bool nibbles_;
  int64_t height_, width_;
  int64_t y_ = 0, x_ = 0;
  std::vector<uint8_t> indices_;
};

}  // namespace

std::vector<uint8_t> expand_bmp_runs(std::span<const std::byte> runs, bool nibbles, int64_t height,
                                     int64_t width) {
  return RunReader(runs, nibbles, height, width).read();
}

}  // namespace nolabel
