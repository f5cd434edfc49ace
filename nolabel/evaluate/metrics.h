// How well clusters agree with labels: accuracy, NMI, AMI, ARI, top-n. All are fractions.
//
// `counts` is a table [K,C] as contingency() returns it; clusters and classes without images change
// nothing. NMI, AMI and ARI are scikit-learn's: 1 when clusters and classes divide the images in
// the same way (also when neither divides them), 0 when only one of them divides them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

// Share of the images whose cluster is matched with their class (matching.h); images of unmatched
// clusters count as wrong. At least one image is required, here and in top_n_accuracy.
double accuracy(const Matrix<int64_t>& counts, const std::vector<int>& matching);

// Mutual information over the arithmetic mean of the two entropies.
double normalized_mutual_information(const Matrix<int64_t>& counts);

// The same, corrected for chance: expected mutual information under the hypergeometric model (Vinh,
// Epps and Bailey 2010), arithmetic mean.
double adjusted_mutual_information(const Matrix<int64_t>& counts);

// Rand index corrected for chance (Hubert and Arabie 1985).
double adjusted_rand_index(const Matrix<int64_t>& counts);

// Share of the images whose class is matched with one of their n most probable clusters (ties to
// the lower number); n beyond the number of clusters means all of them.
//   probabilities [N,K], classes [N], matching [K]
double top_n_accuracy(const Matrix<float>& probabilities, std::span<const int> classes,
                      const std::vector<int>& matching, int n);

}  // namespace nolabel
