// Neighbor tables [N,k+1] (int64, in the published .npy layout): are they usable, are they good?
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

// Throws Error(Fault::usage) unless the table has one row per image of the data set, names only its
// images, and has columns for num_neighbors neighbors beside the image itself.
void check_neighbor_table(const Matrix<int64_t>& table, int64_t images, int num_neighbors);

// For each k of ks (1..columns-1): the share of the neighbors in columns 1..k, over all rows, that
// have the row's label. Column 0 is left out, whatever it holds. labels: one per row.
std::vector<double> neighbor_accuracy(const Matrix<int64_t>& table, const std::vector<int>& labels,
                                      const std::vector<int>& ks);

}  // namespace nolabel
