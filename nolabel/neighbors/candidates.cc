#include "nolabel/neighbors/candidates.h"

#include <algorithm>
#include <functional>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// Room for as many new matches as are kept, and some more: what is dropped pays for the selection.
int capacity_for(int wanted) {
  return 2 * wanted + 16;
}

}  // namespace

float similarity_of(Match match) {
  const auto ordered = static_cast<uint32_t>(match >> 32);
  return __builtin_bit_cast(float, ordered & 0x80000000u ? ordered & 0x7fffffffu : ~ordered);
}

int64_t index_of(Match match) {
  return static_cast<uint32_t>(~match);
}

void merge_matches(Match* best, const Match* others, int count) {
  if (others[0] <= best[count - 1]) return;
  std::vector<Match> merged(count);
  const Match* own = best;
  for (Match& next : merged) next = *own >= *others ? *own++ : *others++;
  std::copy(merged.begin(), merged.end(), best);
}

Candidates::Candidates(int64_t rows, int wanted)
    : wanted_(wanted),
      capacity_(capacity_for(wanted)),
      matches_(rows * capacity_),
      counts_(rows, 0),
      worst_(rows, no_match),
      thresholds_(rows, -std::numeric_limits<float>::infinity()) {
  NOLABEL_ASSERT(wanted >= 1);
}

int64_t Candidates::bytes_per_row(int wanted) {
  return capacity_for(wanted) * static_cast<int64_t>(sizeof(Match)) + sizeof(int32_t) +
         sizeof(Match) + sizeof(float);
}

void Candidates::shrink(int64_t row) {
  Match* first = matches_.data() + row * capacity_;
  std::nth_element(first, first + wanted_ - 1, first + counts_[row], std::greater<>());
  counts_[row] = wanted_;
  worst_[row] = first[wanted_ - 1];
  thresholds_[row] = similarity_of(worst_[row]);
}

void Candidates::want_better_than(int64_t row, Match bound) {
  if (bound <= worst_[row]) return;
  worst_[row] = bound;
  thresholds_[row] = similarity_of(bound);
}

Match Candidates::bound(int64_t row) {
  if (counts_[row] >= wanted_) shrink(row);
  return worst_[row];
}

int Candidates::sort(int64_t row) {
  Match* first = matches_.data() + row * capacity_;
  std::sort(first, first + counts_[row], std::greater<>());
  return std::min(counts_[row], wanted_);
}

void Candidates::take(int64_t row, int64_t* indices, float* similarities) {
  const int count = sort(row);
  const Match* first = matches_.data() + row * capacity_;
  for (int i = 0; i < count; ++i) {
    if (indices) indices[i] = index_of(first[i]);
    if (similarities) similarities[i] = similarity_of(first[i]);
  }
}

void Candidates::take(int64_t row, Match* matches) {
  const int count = sort(row);
  const Match* first = matches_.data() + row * capacity_;
  std::fill(std::copy_n(first, count, matches), matches + wanted_, no_match);
}

}  // namespace nolabel
