// A block of queries that meets blocks of a database: the products, and where the good ones go.
// Private to this folder.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "nolabel/neighbors/candidates.h"
#include "nolabel/neighbors/product_kernel.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {

// The rows of a block where their matches are collected, from several threads.
struct MatchedRows {
  Candidates* candidates;
  std::mutex* lock;   // of this block
  int64_t candidate;  // the block's first row among the candidates
  int64_t index;      // and among all rows: what the other side calls it
};

class QueryBlock {
 public:
  // Packs the block, once for all that it meets. Matches go to `rows`.
  QueryBlock(const Vectors& queries, int64_t block, const MatchedRows& rows);

  // Offers the rows of a block of the database, the first of which is row `index` of all.
  void meet(const Vectors& database, int64_t block, int64_t index);
  // The same, and offers the queries to the rows of that block: a similarity has the same bits from
  // both sides.
  void meet_each_other(const Vectors& database, int64_t block, const MatchedRows& others);

  static int64_t bytes(int64_t depth);

 private:
  void multiply(const Vectors& database, int64_t block, const MatchedRows& others);
  void collect(int64_t columns, MatchedRows others);

  const MatchedRows rows_;
  const int64_t row_count_, depth_;
  const ProductKernel kernel_ = product_kernel();
  std::vector<float> groups_;  // the packed block of queries
  std::vector<float> panels_;  // the packed block of the database
  std::vector<float> sums_;    // [kBlock, kPanelColumns]
};

}  // namespace nolabel
