// One process's share of an exact search that a group divides. Private to this folder.
//
// All rows are blocks of kBlock. Blocks come in waves, to every process. The processes take turns
// in owning blocks; a process keeps the rows of its own blocks, and when a wave comes, its own
// blocks meet those of the wave. Thereby each pair of blocks meets once, in the process that owns
// the one that came first; of two in the same wave, a rule says which. Its similarities are offered
// to the rows of both: to the candidates of own blocks, which last as long as the blocks are kept,
// and to those of the others' rows of the wave, which the process hands over to their owners when
// the wave is over.
//
// A row without candidates takes almost everything at first. Therefore own blocks meet own blocks
// first, and each owner tells the others how good a match of its rows must be by then: what they
// collect for a row begins there. Measured with 20,000 rows of 512 and 21 matches: the full buffers
// of candidates that a process sorts out are 1.08 times its share of those of one process, instead
// of 1.83 times (two processes; four: 1.14 instead of 3.08).
//
// If there is no room for the candidates of all own blocks, the search takes several bands. Only
// blocks of the band are kept, and waves come from the first block of the band on: what lies before
// has met the band's blocks already. So each pair is multiplied once, whatever the memory. What is
// found for rows after the band is the leader's until the end.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "nolabel/neighbors/candidates.h"
#include "nolabel/neighbors/query_block.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {

struct BlockRange {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
};

// What all processes know of a search from its beginning.
struct DividedSearch {
  int64_t rows, depth;
  int count;    // matches per row
  int threads;  // of each process
  int processes;
  int64_t blocks() const { return (rows + kBlock - 1) / kBlock; }
};

// Blocks that every process has received, all in the band or all after it.
struct Wave {
  BlockRange band, blocks;
  at::Tensor rows;  // [n,D]: what `vectors` point to
  Vectors vectors;
  bool in_band() const { return blocks.begin < band.end; }
};

class SearchShare {
 public:
  // lasting_rows: the rows of a wave stay after the wave, so that nothing is copied.
  SearchShare(const DividedSearch& search, int rank, BlockRange band, bool lasting_rows);

  // First for a wave: keeps its own blocks, and lets all own blocks meet them. Returns for the rows
  // of these what a match must be better than; 0 for other rows: int64 [n] of Match.
  at::Tensor meet_own(const Wave& wave);
  // Second: lets all own blocks meet the others' blocks of the wave. `bounds` has what all
  // processes know of the wave's rows. Returns the best matches for these rows: int64 [n, count] of
  // Match.
  at::Tensor meet_others(const Wave& wave, const at::Tensor& bounds);
  // Third: what other processes found for own rows; matches [n, count] of rows from `first` on.
  void accept(const at::Tensor& matches, int64_t first);

  // At the end of the band: the best of the own blocks, of which there are turns() or one less.
  // Each has kBlock rows, and rows that are not there have no match: int64 [n * kBlock, count].
  at::Tensor best_of_turns(int64_t begin, int64_t end);
  // How often the processes take turns in the band.
  int64_t turns() const { return (band_.size() + search_.processes - 1) / search_.processes; }

 private:
  struct OwnBlock {
    int64_t block;
    at::Tensor rows;  // what `vectors` point to
    Vectors vectors;  // this block alone
  };
  using RowsOfBlock = std::function<MatchedRows(int64_t block)>;

  bool owns(int64_t block) const;
  int64_t turn_of(int64_t block) const { return (block - band_.begin) / search_.processes; }
  void keep(const Wave& wave);
  void meet(const Wave& wave, bool own, const RowsOfBlock& rows_of);
  MatchedRows own_rows(int64_t block);

  const DividedSearch search_;
  const int rank_;
  const BlockRange band_;
  const bool lasting_rows_;
  std::vector<OwnBlock> own_;            // in turn
  Candidates candidates_;                // of the own blocks
  std::unique_ptr<std::mutex[]> locks_;  // one per own block
};

// How the leader cuts a search.
struct DividedPlan {
  int64_t band_blocks;   // of all processes together
  int64_t wave_blocks;   // at most
  int64_t memory_bytes;  // of each process, beside the rows that it keeps
};

// Rows of matches that are gathered at once.
inline constexpr int64_t kGatheredRows = 4 * kBlock;

DividedPlan plan_divided_search(const DividedSearch& search, int64_t memory_bytes);

}  // namespace nolabel
