#include "nolabel/data/duplicates.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string>

#include "nolabel/base/hash.h"

namespace nolabel {

ContentId content_id(std::string_view bytes) {
  constexpr size_t digits = 16;  // of 64 bits
  const std::string hex = sha256(bytes);
  ContentId id{};
  for (size_t i = 0; i < id.size(); ++i) {
    const char* first = hex.data() + i * digits;
    std::from_chars(first, first + digits, id[i], 16);
  }
  return id;
}

std::vector<std::vector<int64_t>> identical_groups(const std::vector<ContentId>& contents) {
  std::vector<int64_t> order(contents.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int64_t i) { return contents[i]; });
  std::vector<std::vector<int64_t>> groups;
  for (auto first = order.begin(); first != order.end();) {
    const auto last = std::find_if(first, order.end(),
                                   [&](int64_t i) { return contents[i] != contents[*first]; });
    if (last - first > 1) groups.emplace_back(first, last);
    first = last;
  }
  std::ranges::sort(groups);
  return groups;
}

}  // namespace nolabel
