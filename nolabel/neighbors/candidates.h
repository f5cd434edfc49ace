// The best matches seen so far for each of many rows. Private to this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace nolabel {

// Keeps the `wanted` best (similarity, index) of every row: higher similarity first, then lower
// index. A row collects matches above its threshold in a short buffer, and drops all but the best
// when that is full: constant work per match, in any order of arrival. The result depends only on
// what was offered, not on the order. Rows may be used from different threads.
class Candidates {
 public:
  Candidates(int64_t rows, int wanted);

  // A match of row r below thresholds()[r] cannot be among the best.
  const float* thresholds() const { return thresholds_.data(); }
  void offer(int64_t row, float similarity, uint32_t index) {
    const uint64_t match = encode(similarity, index);
    if (match <= worst_[row]) return;
    matches_[row * capacity_ + counts_[row]] = match;
    if (++counts_[row] == capacity_) shrink(row);
  }
  // The best, in order; `wanted` of them unless fewer were offered. Either pointer may be null.
  void take(int64_t row, int64_t* indices, float* similarities);

  static int64_t bytes_per_row(int wanted);

 private:
  static uint64_t encode(float similarity, uint32_t index);
  void shrink(int64_t row);

  int wanted_, capacity_;
  std::vector<uint64_t> matches_;  // [rows, capacity]
  std::vector<int32_t> counts_;    // [rows]
  std::vector<uint64_t> worst_;    // [rows]: the last of the best; 0 before there are enough
  std::vector<float> thresholds_;  // [rows]: its similarity
};

// One integer that orders matches: the similarity's bits, made monotonic, over the index inverted.
inline uint64_t Candidates::encode(float similarity, uint32_t index) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, similarity + 0.0f);  // -0 becomes 0
  const uint32_t ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return uint64_t{ordered} << 32 | static_cast<uint32_t>(~index);
}

}  // namespace nolabel
