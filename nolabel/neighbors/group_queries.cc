#include "nolabel/neighbors/group_queries.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/neighbors/candidates.h"
#include "nolabel/neighbors/group_messages.h"
#include "nolabel/neighbors/query_block.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

constexpr auto band_subject = "band of queries", database_subject = "database";

// Blocks of a wave that one piece of work meets with its packed block of queries.
constexpr int64_t kBlocksOfPiece = 8;

int64_t blocks_for(int64_t rows) {
  return (rows + kBlock - 1) / kBlock;
}

// One process's queries of a band.
class OwnQueries {
 public:
  // `band`: the message with all queries of it.
  OwnQueries(const Group& group, const Message& band, int count, int threads)
      : share_(group.share(band.tensors[0].size(0))),
        count_(count),
        threads_(threads),
        rows_(band.tensors[0].narrow(0, share_.begin, share_.size).clone()),
        vectors_{rows_.const_data_ptr<float>(), share_.size, rows_.size(1), {}},
        candidates_(share_.size, count),
        locks_(std::make_unique<std::mutex[]>(vectors_.blocks())) {
    const float* scales = band.tensors[1].const_data_ptr<float>() + share_.begin;
    vectors_.scales.assign(scales, scales + share_.size);
  }

  // `index`: the place of the first row of the wave in the database.
  void meet(const Vectors& wave, int64_t index) {
    const int64_t runs = (wave.blocks() + kBlocksOfPiece - 1) / kBlocksOfPiece;
    parallel_for(vectors_.blocks() * runs, threads_, 1, [&](int64_t from, int64_t to) {
      for (int64_t piece = from; piece < to; ++piece) {
        const int64_t query_block = piece / runs, first = piece % runs * kBlocksOfPiece;
        QueryBlock queries(vectors_, query_block,
                           {.candidates = &candidates_,
                            .lock = &locks_[query_block],
                            .candidate = query_block * kBlock,
                            .index = query_block * kBlock});
        for (int64_t block = first; block < std::min(first + kBlocksOfPiece, wave.blocks());
             ++block) {
          queries.meet(wave, block, index + block * kBlock);
        }
      }
    });
  }

  // Of all queries of the band, in their order: int64 [R, count] of Match. All processes call it.
  at::Tensor gather(Group& group, int64_t band_rows) {
    at::Tensor matches = at::empty({share_.size, count_}, at::kLong);
    auto* own = reinterpret_cast<Match*>(matches.mutable_data_ptr<int64_t>());
    parallel_for(share_.size, threads_, 256, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) candidates_.take(i, own + i * count_);
    });
    return group.all_gather(matches, band_rows);
  }

 private:
  const Share share_;
  const int count_, threads_;
  const at::Tensor rows_;  // what `vectors_` points to
  Vectors vectors_;
  Candidates candidates_;
  std::unique_ptr<std::mutex[]> locks_;  // one per block
};

// One process in the search.
class QueryMember {
 public:
  QueryMember(Group& group, const Message& begin)
      : group_(group),
        database_rows_(begin.values["rows"]),
        count_(begin.values["count"]),
        threads_(begin.values["threads"]) {}

  // Of a band or of the database. After the band's last wave, what its queries found.
  std::optional<at::Tensor> take(const Message& message) {
    if (message.subject == band_subject) {
      band_rows_ = message.tensors[0].size(0);
      own_.reset();  // before the next ones take their memory
      own_.emplace(group_, message, count_, threads_);
      return std::nullopt;
    }
    NOLABEL_ASSERT(message.subject == database_subject && own_);
    const int64_t first = message.values["first"];
    const Vectors wave = received_rows(message);
    own_->meet(wave, first);
    if (first + wave.rows < database_rows_) return std::nullopt;
    return own_->gather(group_, band_rows_);
  }

 private:
  Group& group_;
  const int64_t database_rows_;
  const int count_, threads_;
  int64_t band_rows_ = 0;
  std::optional<OwnQueries> own_;
};

}  // namespace

QueryPlan plan_queries(const Vectors& queries, const Vectors& database, int count, int threads,
                       int processes, int64_t memory_bytes) {
  constexpr auto number = static_cast<int64_t>(sizeof(float));
  const int64_t row = (queries.depth + 2) * number;  // with the factor, twice
  const int64_t matches = count * static_cast<int64_t>(sizeof(Match));
  const int64_t fixed =
      QueryBlock::bytes(queries.depth) * threads + (queries.rows + database.rows) * number;
  const int64_t room = std::max<int64_t>(memory_bytes - fixed, 0);
  // A block of queries for each process: all arrive, each keeps its own with their candidates; what
  // it found, its copy, what is received, and that as one tensor.
  const int64_t turn = kBlock * (processes * (row + 2 * matches) + row +
                                 Candidates::bytes_per_row(count) + 2 * matches);
  const int64_t wave_block = kBlock * row;
  const int64_t all_turns = (blocks_for(queries.rows) + processes - 1) / processes;
  const int64_t turns = std::clamp<int64_t>(room / 2 / turn, 1, std::max<int64_t>(all_turns, 1));
  const int64_t wave =
      std::clamp<int64_t>((room - turns * turn) / wave_block, 1, blocks_for(database.rows));
  return {.band_rows = turns * processes * kBlock,
          .wave_rows = wave * kBlock,
          .memory_bytes = fixed + turns * turn + wave * wave_block};
}

Nearest find_nearest_to_queries(const Vectors& queries, const Vectors& database,
                                const SearchOptions& options, const Observer& observer) {
  Group& group = *options.group;
  const int threads = threads_of_each(group, options.threads);
  const QueryPlan plan =
      plan_queries(queries, database, options.count, threads, group.size(), options.memory_bytes);
  Nearest result{{queries.rows, options.count}, {}};
  if (options.similarities) result.similarities = {queries.rows, options.count};
  SearchProgress progress(
      format("exact search of {} images by {} processes, with {} MB beside the features in each,",
             queries.rows, group.size(), (plan.memory_bytes >> 20) + 1),
      queries.rows, observer, options.advice);
  observer.stop_if_requested();
  const Message begin{
      .subject = queries_subject,
      .values = {{"rows", database.rows}, {"count", options.count}, {"threads", threads}}};
  send(group, begin);
  QueryMember leader(group, begin);
  const auto take = [&leader](const Message& message) { return leader.take(message); };
  for (int64_t first = 0; first < queries.rows; first += plan.band_rows) {
    const int64_t band = std::min(plan.band_rows, queries.rows - first);
    lead(group, {.subject = band_subject, .tensors = sent_rows(queries, first, band)}, take);
    const int64_t own_blocks = blocks_for(group.share(band).size);
    int64_t wanted =
        std::max<int64_t>(first_wave_pairs * threads / own_blocks, 1) * kBlock;  // rows of a wave
    for (int64_t met = 0; met < database.rows;) {
      const auto start = std::chrono::steady_clock::now();
      const int64_t count = std::min({wanted, plan.wave_rows, database.rows - met});
      const auto found = lead(group,
                              {.subject = database_subject,
                               .values = {{"first", met}},
                               .tensors = sent_rows(database, met, count)},
                              take);
      if (found) {
        std::copy_n(found->const_data_ptr<int64_t>(), found->numel(), result.indices.row(first));
      }
      met += count;
      if (std::chrono::steady_clock::now() - start < short_wave) wanted *= 2;
      show_progress(group, progress, first + band * met / database.rows);
    }
  }
  end_search(group, result);
  return result;
}

void help_to_search_queries(Group& group, const Message& begin) {
  QueryMember worker(group, begin);
  for (;;) {
    Message message;
    broadcast(group, message);
    if (message.subject == searched_subject) return;
    worker.take(message);
  }
}

}  // namespace nolabel
