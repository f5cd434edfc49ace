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

float similarity_of(uint64_t match) {
  const auto ordered = static_cast<uint32_t>(match >> 32);
  return __builtin_bit_cast(float, ordered & 0x80000000u ? ordered & 0x7fffffffu : ~ordered);
}

int64_t index_of(uint64_t match) {
  return static_cast<uint32_t>(~match);
}

}  // namespace

Candidates::Candidates(int64_t rows, int wanted)
    : wanted_(wanted),
      capacity_(capacity_for(wanted)),
      matches_(rows * capacity_),
      counts_(rows, 0),
      worst_(rows, 0),
      thresholds_(rows, -std::numeric_limits<float>::infinity()) {
  NOLABEL_ASSERT(wanted >= 1);
}

int64_t Candidates::bytes_per_row(int wanted) {
  return capacity_for(wanted) * static_cast<int64_t>(sizeof(uint64_t)) + sizeof(int32_t) +
         sizeof(uint64_t) + sizeof(float);
}

void Candidates::shrink(int64_t row) {
  uint64_t* first = matches_.data() + row * capacity_;
  std::nth_element(first, first + wanted_ - 1, first + counts_[row], std::greater<>());
  counts_[row] = wanted_;
  worst_[row] = first[wanted_ - 1];
  thresholds_[row] = similarity_of(worst_[row]);
}

void Candidates::take(int64_t row, int64_t* indices, float* similarities) {
  uint64_t* first = matches_.data() + row * capacity_;
  std::sort(first, first + counts_[row], std::greater<>());
  const int count = std::min(counts_[row], wanted_);
  for (int i = 0; i < count; ++i) {
    if (indices) indices[i] = index_of(first[i]);
    if (similarities) similarities[i] = similarity_of(first[i]);
  }
}

}  // namespace nolabel
