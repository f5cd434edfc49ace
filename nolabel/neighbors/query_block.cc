#include "nolabel/neighbors/query_block.h"

#include <algorithm>
#include <limits>

namespace nolabel {
namespace {

// True when one of 16 similarities is good enough for its row or its column.
__attribute__((always_inline)) inline bool any_match(const float* similarities, float row_threshold,
                                                     const float* column_thresholds) {
  int any = 0;
  for (int c = 0; c < kPanelColumns; ++c) {
    any |= similarities[c] >= std::min(row_threshold, column_thresholds[c]);
  }
  return any != 0;
}

}  // namespace

QueryBlock::QueryBlock(const Vectors& queries, int64_t block, const MatchedRows& rows)
    : rows_(rows),
      row_count_(queries.block_rows(block)),
      depth_(queries.depth),
      groups_(kBlock * depth_),
      panels_(kBlock * depth_),
      sums_(kBlock * kPanelColumns) {
  queries.pack(block, kGroupRows, groups_.data());
}

int64_t QueryBlock::bytes(int64_t depth) {
  return (2 * kBlock * depth + kBlock * kPanelColumns) * static_cast<int64_t>(sizeof(float));
}

void QueryBlock::meet(const Vectors& database, int64_t block, int64_t index) {
  multiply(database, block,
           {.candidates = nullptr, .lock = nullptr, .candidate = 0, .index = index});
}

void QueryBlock::meet_each_other(const Vectors& database, int64_t block,
                                 const MatchedRows& others) {
  multiply(database, block, others);
}

void QueryBlock::multiply(const Vectors& database, int64_t block, const MatchedRows& others) {
  const int64_t columns = database.block_rows(block);
  database.pack(block, kPanelColumns, panels_.data());
  for (int64_t c = 0; c < columns; c += kPanelColumns) {
    multiply_panel(kernel_, groups_.data(), panels_.data() + c * depth_, row_count_, depth_,
                   sums_.data());
    MatchedRows panel = others;
    panel.candidate += c;
    panel.index += c;
    collect(std::min<int64_t>(kPanelColumns, columns - c), panel);
  }
}

// Offers what passes the thresholds: to the queries, and in the other direction to the columns.
void QueryBlock::collect(int64_t columns, MatchedRows others) {
  const MatchedRows rows = rows_;
  Candidates& candidates = *rows.candidates;
  const float* thresholds = candidates.thresholds();
  const bool mirrored = others.candidates != nullptr;
  std::unique_lock own(*rows.lock, std::defer_lock);
  std::unique_lock<std::mutex> opposite;
  if (mirrored) {
    opposite = std::unique_lock(*others.lock, std::defer_lock);
    std::lock(own, opposite);
  } else {
    own.lock();
  }
  float column_thresholds[kPanelColumns];
  std::fill_n(column_thresholds, kPanelColumns, std::numeric_limits<float>::infinity());
  const auto look_at_columns = [&] {
    if (mirrored) {
      std::copy_n(others.candidates->thresholds() + others.candidate, columns, column_thresholds);
    }
  };
  look_at_columns();

  const float* sums = sums_.data();
  for (int64_t r = 0; r < row_count_; ++r, sums += kPanelColumns) {
    const int64_t query = rows.candidate + r;
    if (!any_match(sums, thresholds[query], column_thresholds)) continue;
    for (int64_t c = 0; c < columns; ++c) {
      candidates.offer(query, sums[c], static_cast<uint32_t>(others.index + c));
      if (mirrored) {
        others.candidates->offer(others.candidate + c, sums[c],
                                 static_cast<uint32_t>(rows.index + r));
      }
    }
    look_at_columns();
  }
}

}  // namespace nolabel
