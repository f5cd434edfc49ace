#include "nolabel/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"

namespace nolabel {

HoldOut hold_out(int64_t n, double fraction, uint64_t seed) {
  std::vector<int64_t> alone(n);
  std::iota(alone.begin(), alone.end(), 0);
  return hold_out(alone, fraction, seed);
}

HoldOut hold_out(const std::vector<int64_t>& group, double fraction, uint64_t seed) {
  const auto n = static_cast<int64_t>(group.size());
  if (!(fraction >= 0 && fraction < 1)) {
    fail_usage("hold_out must be at least 0 and below 1. Received {}.", fraction);
  }
  int64_t count = std::llround(static_cast<double>(n) * fraction);
  if (fraction > 0 && n >= 2) count = std::clamp<int64_t>(count, 1, n - 1);
  const std::vector<int64_t> order = permutation(n, Random(seed, Purpose::split));
  std::unordered_map<int64_t, int64_t> sizes;
  for (const int64_t number : group) ++sizes[number];
  std::unordered_set<int64_t> aside;
  int64_t left = count;
  for (const int64_t image : order) {
    if (left == 0) break;
    const int64_t number = group[image], size = sizes[number];
    // A group that is too large for the rest stays with the training images.
    if (size > left || !aside.insert(number).second) continue;
    left -= size;
  }
  HoldOut split;
  for (int64_t image = 0; image < n; ++image) {
    (aside.contains(group[image]) ? split.test : split.train).push_back(image);
  }
  return split;
}

}  // namespace nolabel
