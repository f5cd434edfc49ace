#include "nolabel/cluster/partition.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nolabel {

std::vector<int64_t> community_sizes(const std::vector<int64_t>& community) {
  std::vector<int64_t> sizes;
  for (const int64_t c : community) {
    if (c >= static_cast<int64_t>(sizes.size())) sizes.resize(c + 1, 0);
    ++sizes[c];
  }
  return sizes;
}

int32_t number_in_order(std::vector<int32_t>& community) {
  std::vector<int32_t> number(community.size(), -1);
  int32_t count = 0;
  for (int32_t& c : community) {
    if (number[c] < 0) number[c] = count++;
    c = number[c];
  }
  return count;
}

std::vector<int64_t> numbered_by_size(std::vector<int32_t> community) {
  const int32_t count = number_in_order(community);
  const std::vector<int64_t> sizes = community_sizes({community.begin(), community.end()});
  std::vector<int32_t> by_size(count);
  std::iota(by_size.begin(), by_size.end(), 0);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](int32_t a, int32_t b) { return sizes[a] > sizes[b]; });
  std::vector<int64_t> rank(count);
  for (int32_t i = 0; i < count; ++i) rank[by_size[i]] = i;
  std::vector<int64_t> numbered(community.size());
  for (size_t i = 0; i < community.size(); ++i) numbered[i] = rank[community[i]];
  return numbered;
}

int64_t least_of_large(int64_t nodes) {
  constexpr double share = 0.002;
  return std::max(smallest_large,
                  static_cast<int64_t>(std::ceil(share * static_cast<double>(nodes))));
}

}  // namespace nolabel
