// How a dense matrix [rows, channels] is divided among the blocks of threads that sum up or rewrite
// it. The division depends on the shape alone, so that sums come in the same order on every device.
#pragma once

#include <cstdint>

#include "nolabel/base/host_device.h"

namespace nolabel {

constexpr int norm_threads = 256;  // of a block

// A block has a rectangle: all `rows_per_block` rows of across * width channels. Its thread t reads
// `width` neighboring channels, at t % across, of every row of the rectangle that is t / across
// modulo `down`.
struct NormGrid {
  int64_t rows = 0, channels = 0;
  int width = 1;             // channels of a thread, which divide `channels`
  int across = 1, down = 1;  // threads: across * down <= norm_threads
  int64_t rows_per_block = 0;
  int64_t row_blocks = 0, column_blocks = 0;

  NOLABEL_HOST_DEVICE int64_t first_row(int64_t row_block) const {
    return row_block * rows_per_block;
  }
  NOLABEL_HOST_DEVICE int64_t end_row(int64_t row_block) const {
    const int64_t end = first_row(row_block) + rows_per_block;
    return end < rows ? end : rows;
  }
};

// Of at least one row and channel. At most `wanted_blocks` blocks, fewer where a thread would have
// less than four rows.
inline NormGrid norm_grid(int64_t rows, int64_t channels, int width, int64_t wanted_blocks) {
  // 16 threads with 16 bytes each read whole lines of memory; more would leave fewer rows to a
  // block, and so more partial sums.
  constexpr int64_t most_across = 16, rows_of_thread = 4;
  const auto quotient_up = [](int64_t a, int64_t b) { return (a + b - 1) / b; };
  NormGrid grid{.rows = rows, .channels = channels, .width = width};
  const int64_t packs = channels / width;
  grid.column_blocks = quotient_up(packs, most_across);
  grid.across = static_cast<int>(quotient_up(packs, grid.column_blocks));
  grid.down = norm_threads / grid.across;
  const int64_t wanted = quotient_up(rows * grid.column_blocks, wanted_blocks);
  // A multiple, because a thread asks for that many rows at once.
  const int64_t turns = quotient_up(wanted, grid.down * rows_of_thread);
  grid.rows_per_block = turns * rows_of_thread * grid.down;
  grid.row_blocks = quotient_up(rows, grid.rows_per_block);
  return grid;
}

// Enough for the 132 multiprocessors of an H100, each with several blocks. Sums leave a partial
// result for each block; what rewrites does not.
constexpr int64_t blocks_that_sum = 528, blocks_that_rewrite = 2112;

}  // namespace nolabel
