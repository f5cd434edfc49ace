#include "nolabel/neighbors/search_share.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

// Blocks of a wave that one piece of work meets with its packed own block. These are fewer than in
// one process (nearest.cc), because the processes wait for one another after each wave.
constexpr int64_t kWaveBlocksPerPiece = 4;

// Whether an own block multiplies the pair with a block of the wave. Of two blocks of the same
// wave, one does: the wave is a circle, in which each block meets the half that follows it. So all
// blocks have the same work.
bool multiplies(int64_t own, int64_t block, BlockRange wave) {
  if (own < wave.begin) return true;
  const int64_t distance = (block - own + wave.size()) % wave.size();
  return 2 * distance < wave.size() || (2 * distance == wave.size() && own < block);
}

Match* matches_of(const at::Tensor& matches, int64_t row) {
  return reinterpret_cast<Match*>(matches.mutable_data_ptr<int64_t>()) + row * matches.size(1);
}

int64_t blocks_of(BlockRange band, int rank, int processes) {
  return std::max<int64_t>((band.size() - rank + processes - 1) / processes, 0);
}

}  // namespace

SearchShare::SearchShare(const DividedSearch& search, int rank, BlockRange band, bool lasting_rows)
    : search_(search),
      rank_(rank),
      band_(band),
      lasting_rows_(lasting_rows),
      candidates_(blocks_of(band, rank, search.processes) * kBlock, search.count),
      locks_(std::make_unique<std::mutex[]>(blocks_of(band, rank, search.processes))) {}

bool SearchShare::owns(int64_t block) const {
  return block < band_.end && (block - band_.begin) % search_.processes == rank_;
}

MatchedRows SearchShare::own_rows(int64_t block) {
  const int64_t turn = turn_of(block);
  return {.candidates = &candidates_,
          .lock = &locks_[turn],
          .candidate = turn * kBlock,
          .index = block * kBlock};
}

void SearchShare::keep(const Wave& wave) {
  for (int64_t block = wave.blocks.begin; block < wave.blocks.end; ++block) {
    if (!owns(block)) continue;
    const int64_t in_wave = block - wave.blocks.begin, first = in_wave * kBlock;
    const int64_t count = wave.vectors.block_rows(in_wave);
    const at::Tensor rows = wave.rows.narrow(0, first, count);
    const at::Tensor kept = lasting_rows_ ? rows : rows.clone();
    const auto scales = wave.vectors.scales.begin() + first;
    own_.push_back({block, kept,
                    Vectors{kept.const_data_ptr<float>(), count, search_.depth,
                            std::vector<float>(scales, scales + count)}});
  }
}

// All own blocks with the own or with the others' blocks of the wave.
void SearchShare::meet(const Wave& wave, bool own, const RowsOfBlock& rows_of) {
  std::vector<int64_t> blocks;
  for (int64_t block = wave.blocks.begin; block < wave.blocks.end; ++block) {
    if (owns(block) == own) blocks.push_back(block);
  }
  const int64_t runs = (std::ssize(blocks) + kWaveBlocksPerPiece - 1) / kWaveBlocksPerPiece;
  const auto work = [&](const OwnBlock& query, int64_t run) {
    const int64_t begin = run * kWaveBlocksPerPiece;
    const int64_t end = std::min(begin + kWaveBlocksPerPiece, std::ssize(blocks));
    std::optional<QueryBlock> queries;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t block = blocks[i], in_wave = block - wave.blocks.begin;
      if (!multiplies(query.block, block, wave.blocks)) continue;
      if (!queries) queries.emplace(query.vectors, 0, own_rows(query.block));
      if (block == query.block) {
        queries->meet(wave.vectors, in_wave, block * kBlock);
      } else {
        queries->meet_each_other(wave.vectors, in_wave, rows_of(block));
      }
    }
  };
  parallel_for(std::ssize(own_) * runs, search_.threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) work(own_[piece / runs], piece % runs);
  });
}

at::Tensor SearchShare::meet_own(const Wave& wave) {
  keep(wave);
  meet(wave, true, [&](int64_t block) { return own_rows(block); });
  at::Tensor bounds = at::zeros({wave.vectors.rows, 1}, at::kLong);
  static_assert(no_match == 0);
  for (int64_t i = 0; i < wave.vectors.rows; ++i) {
    const int64_t block = wave.blocks.begin + i / kBlock;
    if (!owns(block)) continue;
    *matches_of(bounds, i) = candidates_.bound(turn_of(block) * kBlock + i % kBlock);
  }
  return bounds.flatten();
}

at::Tensor SearchShare::meet_others(const Wave& wave, const at::Tensor& bounds) {
  Candidates found(wave.vectors.rows, search_.count);
  const auto locks = std::make_unique<std::mutex[]>(wave.blocks.size());
  const auto* least = reinterpret_cast<const Match*>(bounds.const_data_ptr<int64_t>());
  for (int64_t i = 0; i < wave.vectors.rows; ++i) found.want_better_than(i, least[i]);
  meet(wave, false, [&](int64_t block) {
    const int64_t in_wave = block - wave.blocks.begin;
    return MatchedRows{.candidates = &found,
                       .lock = &locks[in_wave],
                       .candidate = in_wave * kBlock,
                       .index = block * kBlock};
  });
  at::Tensor matches = at::empty({wave.vectors.rows, search_.count}, at::kLong);
  parallel_for(wave.vectors.rows, search_.threads, 256, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) found.take(i, matches_of(matches, i));
  });
  return matches;
}

void SearchShare::accept(const at::Tensor& matches, int64_t first) {
  parallel_for(matches.size(0), search_.threads, 256, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t block = (first + i) / kBlock;
      if (!owns(block)) continue;
      const int64_t row = turn_of(block) * kBlock + (first + i) % kBlock;
      const Match* others = matches_of(matches, i);
      for (int m = 0; m < search_.count; ++m) candidates_.offer(row, others[m]);
    }
  });
}

at::Tensor SearchShare::best_of_turns(int64_t begin, int64_t end) {
  at::Tensor matches = at::zeros({(end - begin) * kBlock, search_.count}, at::kLong);
  parallel_for(matches.size(0), search_.threads, 32, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const int64_t turn = begin + i / kBlock;
      if (turn >= std::ssize(own_) || i % kBlock >= own_[turn].vectors.rows) continue;
      candidates_.take(begin * kBlock + i, matches_of(matches, i));
    }
  });
  return matches;
}

DividedPlan plan_divided_search(const DividedSearch& search, int64_t memory_bytes) {
  constexpr auto number = static_cast<int64_t>(sizeof(float));
  const int64_t row_matches = search.count * static_cast<int64_t>(sizeof(Match));
  const int64_t processes = search.processes;
  // What is sent, its copy, what is received from each, and that as one tensor.
  const int64_t gathered = std::max(kGatheredRows, kBlock) * row_matches * (2 + 2 * processes);
  const int64_t fixed =
      QueryBlock::bytes(search.depth) * search.threads + gathered + search.rows * number;
  const int64_t room = std::max<int64_t>(memory_bytes - fixed, 0);
  // Of the candidates, and of the features of a wave with its factors and what it hands over.
  const int64_t own_block = kBlock * Candidates::bytes_per_row(search.count);
  const int64_t wave_block =
      own_block + kBlock * ((search.depth + 2) * number + sizeof(Match) + row_matches);

  const int64_t all_turns = (search.blocks() + processes - 1) / processes;
  const int64_t turns = std::clamp<int64_t>(room / 2 / own_block, 1, all_turns);
  int64_t wave = std::clamp<int64_t>((room - turns * own_block) / wave_block, 1, search.blocks());
  // Whole turns: as many blocks for each process.
  if (wave > processes) wave -= wave % processes;
  return {.band_blocks = turns * processes,
          .wave_blocks = wave,
          .memory_bytes = fixed + turns * own_block + wave * wave_block};
}

}  // namespace nolabel
