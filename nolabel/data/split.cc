#include "nolabel/data/split.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"

namespace nolabel {

HoldOut hold_out(int64_t n, double fraction, uint64_t seed) {
  if (!(fraction >= 0 && fraction < 1)) {
    fail_usage("hold_out must be at least 0 and below 1. Received {}.", fraction);
  }
  int64_t count = std::llround(static_cast<double>(n) * fraction);
  if (fraction > 0 && n >= 2) count = std::clamp<int64_t>(count, 1, n - 1);
  const std::vector<int64_t> order = permutation(n, Random(seed, Purpose::split));
  HoldOut split;
  split.test.assign(order.begin(), order.begin() + count);
  split.train.assign(order.begin() + count, order.end());
  std::sort(split.test.begin(), split.test.end());
  std::sort(split.train.begin(), split.train.end());
  return split;
}

}  // namespace nolabel
