// The mutual information that random clusters of given sizes have with classes of given sizes.
#pragma once

#include <cstdint>
#include <vector>

namespace nolabel {

// In nats, under the hypergeometric model (Vinh, Epps and Bailey 2010, eq. 24). Sizes are positive
// and sum to `images` on either side.
double expected_mutual_information(const std::vector<int64_t>& clusters,
                                   const std::vector<int64_t>& classes, int64_t images);

}  // namespace nolabel
