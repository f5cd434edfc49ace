// The best matches seen so far for each of many rows. Private to this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace nolabel {

// A similarity and an index as one integer that orders them: the higher, the better.
using Match = uint64_t;
constexpr Match no_match = 0;  // after every match

// The similarity's bits, made monotonic, over the index inverted.
inline Match encode_match(float similarity, uint32_t index) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, similarity + 0.0f);  // -0 becomes 0
  const uint32_t ordered = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return Match{ordered} << 32 | static_cast<uint32_t>(~index);
}
float similarity_of(Match match);
int64_t index_of(Match match);

// Keeps in best [count] the best of both lists, which are in order.
void merge_matches(Match* best, const Match* others, int count);

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
    offer(row, encode_match(similarity, index));
  }
  void offer(int64_t row, Match match) {
    if (match <= worst_[row]) return;
    matches_[row * capacity_ + counts_[row]] = match;
    if (++counts_[row] == capacity_) shrink(row);
  }
  // What is not better than `bound` is not wanted, even if then fewer than `wanted` are left.
  void want_better_than(int64_t row, Match bound);
  // The last of the best so far; no_match before there are enough.
  Match bound(int64_t row);
  // The best, in order; `wanted` of them unless fewer were offered. Either pointer may be null.
  void take(int64_t row, int64_t* indices, float* similarities);
  // The same as matches, `wanted` of them: no_match for those that were not offered.
  void take(int64_t row, Match* matches);

  static int64_t bytes_per_row(int wanted);

 private:
  void shrink(int64_t row);
  int sort(int64_t row);  // how many of the first are the best

  int wanted_, capacity_;
  std::vector<Match> matches_;     // [rows, capacity]
  std::vector<int32_t> counts_;    // [rows]
  std::vector<Match> worst_;       // [rows]: what is not better is dropped; no_match at first
  std::vector<float> thresholds_;  // [rows]: its similarity
};

}  // namespace nolabel
