#include "nolabel/neighbors/group_search.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/neighbors/group_messages.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/search_share.h"

namespace nolabel {
namespace {

constexpr auto wave_subject = "wave";

// Which blocks come in which wave. Only the leader decides this.
class Waves {
 public:
  Waves(const DividedSearch& search, const DividedPlan& plan)
      : blocks_(search.blocks()),
        processes_(search.processes),
        plan_(plan),
        wanted_(first_wave_pairs * search.processes * search.threads) {
    begin_band(0);
  }

  // Says which blocks come next and in which band; false when all have come.
  bool next(BlockRange& band, BlockRange& blocks) {
    if (end_ == blocks_) {
      if (band_.end == blocks_) return false;
      begin_band(band_.end);
    }
    const int64_t begin = end_;
    const int64_t most =
        std::min(plan_.wave_blocks, (begin < band_.end ? band_.end : blocks_) - begin);
    int64_t size = std::min<int64_t>(processes_, most);
    while (size < most && pairs(begin, size) < wanted_) size = std::min(size + processes_, most);
    end_ = begin + size;
    done_ += pairs(begin, size);
    band = band_;
    blocks = {begin, end_};
    return true;
  }

  // How long the last one took.
  void took(std::chrono::steady_clock::duration time) {
    if (time < short_wave) wanted_ *= 2;
  }

  // Of `rows`, the share of the pairs that have met.
  int64_t done_of(int64_t rows) const { return rows * done_ / (blocks_ * (blocks_ + 1) / 2); }

 private:
  void begin_band(int64_t block) {
    band_ = {block, std::min(block + plan_.band_blocks, blocks_)};
    end_ = block;
  }

  // That meet when a wave of `size` blocks comes.
  int64_t pairs(int64_t begin, int64_t size) const {
    if (begin >= band_.end) return band_.size() * size;
    return (begin - band_.begin) * size + size * (size + 1) / 2;
  }

  const int64_t blocks_, processes_;
  const DividedPlan plan_;
  int64_t wanted_;     // pairs in a wave
  BlockRange band_{};  // of the last wave
  int64_t end_ = 0;    // of the last wave
  int64_t done_ = 0;   // pairs
};

// One process in the search; `best` [N,count] of Match is the leader's.
class SearchMember {
 public:
  SearchMember(Group& group, const DividedSearch& search, Matrix<int64_t>* best)
      : group_(group), search_(search), best_(best) {}

  // In every process at once.
  void meet(const Wave& wave) {
    if (wave.blocks.begin == wave.band.begin) {
      share_.emplace(search_, group_.rank(), wave.band, group_.leads());
    }
    const at::Tensor bounds = share_->meet_own(wave);
    group_.all_reduce({bounds});  // each is 0 but in one process
    hand_over(wave, share_->meet_others(wave, bounds));
    if (wave.blocks.end == search_.blocks()) end_band(wave.band);
  }

 private:
  // To the owners of the wave's rows, or to the leader.
  void hand_over(const Wave& wave, const at::Tensor& matches) {
    for (int64_t begin = 0; begin < matches.size(0); begin += kGatheredRows) {
      const int64_t count = std::min(kGatheredRows, matches.size(0) - begin);
      const int64_t first = wave.blocks.begin * kBlock + begin;
      const at::Tensor all = gather(matches.narrow(0, begin, count));
      for (int rank = 0; rank < group_.size(); ++rank) {
        wave.in_band() ? share_->accept(all[rank], first) : merge(all[rank], first);
      }
    }
  }

  void end_band(BlockRange band) {
    constexpr int64_t at_once = kGatheredRows / kBlock;
    for (int64_t begin = 0; begin < share_->turns(); begin += at_once) {
      const int64_t end = std::min(begin + at_once, share_->turns());
      const at::Tensor all = gather(share_->best_of_turns(begin, end));
      for (int64_t turn = begin; turn < end; ++turn) {
        for (int rank = 0; rank < group_.size(); ++rank) {
          merge(all[rank].narrow(0, (turn - begin) * kBlock, kBlock),
                (band.begin + turn * group_.size() + rank) * kBlock);
        }
      }
    }
    share_.reset();
  }

  at::Tensor gather(const at::Tensor& matches) {
    return group_.all_gather(matches.unsqueeze(0), group_.size());  // [P,n,count]
  }

  void merge(const at::Tensor& matches, int64_t first) {
    if (!best_) return;
    const auto* others = reinterpret_cast<const Match*>(matches.const_data_ptr<int64_t>());
    const int64_t rows = std::min(matches.size(0), best_->rows - first);  // the last block is short
    parallel_for(rows, search_.threads, 256, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        merge_matches(reinterpret_cast<Match*>(best_->row(first + i)), others + i * search_.count,
                      search_.count);
      }
    });
  }

  Group& group_;
  const DividedSearch search_;
  Matrix<int64_t>* best_;
  std::optional<SearchShare> share_;  // in the band
};

Message message_of(const Vectors& vectors, BlockRange band, BlockRange blocks) {
  const int64_t first = blocks.begin * kBlock;
  const int64_t count = std::min(blocks.end * kBlock, vectors.rows) - first;
  return {.subject = wave_subject,
          .values = {{"band", {band.begin, band.end}}, {"blocks", {blocks.begin, blocks.end}}},
          .tensors = sent_rows(vectors, first, count)};
}

Wave wave_of(const Message& message) {
  const auto range = [&](const char* name) {
    return BlockRange{message.values[name][0], message.values[name][1]};
  };
  return {range("band"), range("blocks"), message.tensors[0], received_rows(message)};
}

}  // namespace

Nearest find_nearest_in_group(const Vectors& vectors, const SearchOptions& options,
                              const Observer& observer) {
  Group& group = *options.group;
  const DividedSearch search{.rows = vectors.rows,
                             .depth = vectors.depth,
                             .count = options.count,
                             .threads = threads_of_each(*options.group, options.threads),
                             .processes = group.size()};
  const DividedPlan plan = plan_divided_search(search, options.memory_bytes);
  Nearest result{{search.rows, search.count}, {}};
  if (options.similarities) result.similarities = {search.rows, search.count};
  SearchProgress progress(
      format("exact search of {} images by {} processes, with {} MB beside the features in each,",
             search.rows, group.size(), (plan.memory_bytes >> 20) + 1),
      search.rows, observer, options.advice);
  SearchMember leader(group, search, &result.indices);
  observer.stop_if_requested();
  send(group, {.subject = nearest_subject,
               .values = {{"rows", search.rows},
                          {"depth", search.depth},
                          {"count", search.count},
                          {"threads", search.threads}}});
  Waves waves(search, plan);
  for (BlockRange band{}, blocks{}; waves.next(band, blocks);) {
    const auto start = std::chrono::steady_clock::now();
    lead(group, message_of(vectors, band, blocks),
         [&leader](const Message& wave) { leader.meet(wave_of(wave)); });
    waves.took(std::chrono::steady_clock::now() - start);
    show_progress(group, progress, waves.done_of(search.rows));
  }
  end_search(group, result);
  return result;
}

void help_to_search(Group& group, const Message& begin) {
  const DividedSearch search{.rows = begin.values["rows"],
                             .depth = begin.values["depth"],
                             .count = begin.values["count"],
                             .threads = begin.values["threads"],
                             .processes = group.size()};
  SearchMember worker(group, search, nullptr);
  for (;;) {
    Message message;
    broadcast(group, message);
    if (message.subject == searched_subject) return;
    worker.meet(wave_of(message));
  }
}

}  // namespace nolabel
