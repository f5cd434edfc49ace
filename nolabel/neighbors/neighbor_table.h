// Neighbor tables [N,k+1] (int64, in the published .npy layout): are they usable, are they good?
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

// What a place without a neighbor holds. faiss pads rows with it when there are fewer images than
// neighbors were asked for, and so do tables of the published program. Such places do not count:
// training draws among the images that a row names, and means are taken over them.
inline constexpr int64_t no_neighbor = -1;

// Throws Error(Fault::usage) unless the table has one row per image of the data set, names only its
// images (or no_neighbor), at least one in each row, and has columns for num_neighbors neighbors
// beside the image itself.
void check_neighbor_table(const Matrix<int64_t>& table, int64_t images, int num_neighbors);

// Moves the images of every row to its front, in their order; no_neighbor fills the places behind
// them. Returns how many images each row names.
std::vector<int64_t> move_padding_back(Matrix<int64_t>& table);

// For each k of ks (1..columns-1): the share of the neighbors in columns 1..k, over all rows, that
// have the row's label. Column 0 is left out, whatever it holds. 0 where these columns hold no
// neighbor. labels: one per row.
std::vector<double> neighbor_accuracy(const Matrix<int64_t>& table, const std::vector<int>& labels,
                                      const std::vector<int>& ks);

}  // namespace nolabel
