#include "nolabel/neighbors/nearest.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/neighbors/candidates.h"
#include "nolabel/neighbors/group_queries.h"
#include "nolabel/neighbors/group_search.h"
#include "nolabel/neighbors/query_block.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

// Blocks of the database that one piece of work meets with its packed block of queries.
constexpr int64_t kBlocksPerPiece = 8;

// One band of queries, as many as have room for their candidates, against the whole database.
class Band {
 public:
  Band(const Vectors& queries, const Vectors& database, bool same, int64_t first_block,
       int64_t last_block, int count)
      : queries_(queries),
        database_(database),
        same_(same),
        first_block_(first_block),
        last_block_(last_block),
        candidates_(std::min(last_block * kBlock, queries.rows) - first_block * kBlock, count),
        locks_(std::make_unique<std::mutex[]>(last_block - first_block)) {}

  // Pieces of work: a block of queries with a run of database blocks.
  int64_t pieces() const { return (last_block_ - first_block_) * runs(); }

  void work(int64_t piece) {
    const int64_t query_block = first_block_ + piece / runs();
    const int64_t begin = piece % runs() * kBlocksPerPiece;
    const int64_t end = std::min(begin + kBlocksPerPiece, database_.blocks());
    std::optional<QueryBlock> queries;
    for (int64_t block = begin; block < end; ++block) {
      // The pair was or will be met from the other side.
      if (both_sides(block) && block < query_block) continue;
      if (!queries) queries.emplace(queries_, query_block, rows_of(query_block));
      if (both_sides(block) && block != query_block) {
        queries->meet_each_other(database_, block, rows_of(block));
      } else {
        queries->meet(database_, block, block * kBlock);
      }
    }
  }

  // Pairs of blocks that a piece multiplies: the measure of its work.
  int64_t pairs(int64_t piece) const {
    const int64_t query_block = first_block_ + piece / runs();
    const int64_t begin = piece % runs() * kBlocksPerPiece;
    const int64_t end = std::min(begin + kBlocksPerPiece, database_.blocks());
    if (!same_) return end - begin;
    const int64_t skipped = std::min(end, query_block) - std::max(begin, first_block_);
    return end - begin - std::max<int64_t>(skipped, 0);
  }

  void take(Nearest& result) {
    const int64_t first = first_block_ * kBlock;
    const int64_t last = std::min(last_block_ * kBlock, queries_.rows);
    for (int64_t i = first; i < last; ++i) {
      float* similarities = result.similarities.rows > 0 ? result.similarities.row(i) : nullptr;
      candidates_.take(i - first, result.indices.row(i), similarities);
    }
  }

 private:
  int64_t runs() const { return (database_.blocks() + kBlocksPerPiece - 1) / kBlocksPerPiece; }

  // Whether a block of the database is a block of this band's queries too.
  bool both_sides(int64_t block) const {
    return same_ && block >= first_block_ && block < last_block_;
  }

  MatchedRows rows_of(int64_t block) {
    return {.candidates = &candidates_,
            .lock = &locks_[block - first_block_],
            .candidate = (block - first_block_) * kBlock,
            .index = block * kBlock};
  }

  const Vectors& queries_;
  const Vectors& database_;
  const bool same_;
  const int64_t first_block_, last_block_;  // of the queries
  Candidates candidates_;
  std::unique_ptr<std::mutex[]> locks_;  // one per block of candidates
};

// All pieces of a band, in waves of a second or so: between them progress is shown. `begin` and
// `end` are the band's rows.
void run_band(Band& band, int64_t begin, int64_t end, int threads, SearchProgress& progress,
              const Observer& observer) {
  int64_t all = 0, done = 0;
  for (int64_t piece = 0; piece < band.pieces(); ++piece) all += band.pairs(piece);
  int64_t wave = 4 * threads;
  for (int64_t piece = 0; piece < band.pieces();) {
    const auto start = std::chrono::steady_clock::now();
    const int64_t pieces = std::min(wave, band.pieces() - piece);
    parallel_for(pieces, threads, 1, [&](int64_t from, int64_t to) {
      for (int64_t p = from; p < to; ++p) {
        observer.stop_if_requested();
        band.work(piece + p);
      }
    });
    for (int64_t p = 0; p < pieces; ++p) done += band.pairs(piece + p);
    piece += pieces;
    progress.update(begin + (end - begin) * done / all);
    if (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500)) wave *= 2;
  }
}

void check_count(int64_t rows, int count) {
  if (count < 1 || count > rows) {
    fail_usage("the number of matches must be 1..{}. Received {}.", rows, count);
  }
  NOLABEL_ASSERT(rows < std::numeric_limits<uint32_t>::max());
}

Nearest search(const Vectors& queries, const Vectors& database, bool same,
               const SearchOptions& options, const Observer& observer) {
  check_count(database.rows, options.count);
  Nearest result{{queries.rows, options.count}, {}};
  if (options.similarities) result.similarities = {queries.rows, options.count};
  const SearchPlan plan = plan_search(queries.rows, queries.depth, options);
  SearchProgress progress(format("exact search of {} images, with {} MB beside the features,",
                                 queries.rows, (plan.memory_bytes >> 20) + 1),
                          queries.rows, observer, options.advice);
  const int64_t width = plan.rows_per_band / kBlock;
  for (int64_t first = 0; first < queries.blocks(); first += width) {
    const int64_t last = std::min(first + width, queries.blocks());
    Band band(queries, database, same, first, last, options.count);
    run_band(band, first * kBlock, std::min(last * kBlock, queries.rows), options.threads, progress,
             observer);
    band.take(result);
  }
  return result;
}

}  // namespace

SearchPlan plan_search(int64_t images, int64_t dimensions, const SearchOptions& options) {
  constexpr auto number = static_cast<int64_t>(sizeof(float));
  const int64_t blocks = (images + kBlock - 1) / kBlock;
  const int64_t scratch = QueryBlock::bytes(dimensions) * options.threads;
  const int64_t factors = images * number;
  const int64_t block = kBlock * Candidates::bytes_per_row(options.count);
  const int64_t width =
      std::clamp<int64_t>((options.memory_bytes - scratch - factors) / block, 1, blocks);
  return {.rows_per_band = width * kBlock,
          .bands = (blocks + width - 1) / width,
          .memory_bytes = width * block + scratch + factors};
}

Nearest find_nearest(const at::Tensor& queries, const at::Tensor& database,
                     const SearchOptions& options, const Observer& observer) {
  if (queries.size(1) != database.size(1)) {
    fail_usage("queries and database of a search must have the same width. Received {} and {}.",
               queries.size(1), database.size(1));
  }
  const Vectors of_queries = prepare_vectors(queries, options.normalise, options.threads);
  const Vectors of_database = prepare_vectors(database, options.normalise, options.threads);
  if (options.group->size() == 1) return search(of_queries, of_database, false, options, observer);
  check_count(of_database.rows, options.count);
  return find_nearest_to_queries(of_queries, of_database, options, observer);
}

Nearest find_nearest_to_each_other(const at::Tensor& features, const SearchOptions& options,
                                   const Observer& observer) {
  const Vectors vectors = prepare_vectors(features, options.normalise, options.threads);
  if (options.group->size() == 1) return search(vectors, vectors, true, options, observer);
  check_count(vectors.rows, options.count);
  return find_nearest_in_group(vectors, options, observer);
}

}  // namespace nolabel
