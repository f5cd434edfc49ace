// The order in which an epoch visits the images.
#pragma once

#include <cstdint>
#include <vector>

namespace nolabel {

// A permutation of 0..n-1 that depends on nothing but its arguments: a resumed run asks again.
std::vector<int64_t> epoch_order(int64_t n, uint64_t seed, int64_t epoch);

}  // namespace nolabel
