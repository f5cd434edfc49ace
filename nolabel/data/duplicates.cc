#include "nolabel/data/duplicates.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"

namespace nolabel {
namespace {

constexpr size_t digits_per_number = 16;  // of 64 bits
constexpr size_t digits = digits_per_number * std::tuple_size_v<ContentId>;

}  // namespace

ContentId content_id(std::string_view bytes) {
  return *parse_content(std::string_view(sha256(bytes)).substr(0, digits));
}

std::string content_text(const ContentId& content) {
  return format("{:016x}{:016x}", content[0], content[1]);
}

std::optional<ContentId> parse_content(std::string_view text) {
  if (text.size() != digits) return std::nullopt;
  ContentId content{};
  for (size_t i = 0; i < content.size(); ++i) {
    const char* const begin = text.data() + i * digits_per_number;
    const char* const end = begin + digits_per_number;
    const auto parsed = std::from_chars(begin, end, content[i], 16);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  }
  return content;
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
