#include "nolabel/data/order.h"

#include "nolabel/base/random.h"

namespace nolabel {

std::vector<int64_t> epoch_order(int64_t n, uint64_t seed, int64_t epoch) {
  return permutation(n, Random(seed, Purpose::order, static_cast<uint32_t>(epoch)));
}

}  // namespace nolabel
