#include "nolabel/data/split_name.h"

#include <algorithm>
#include <string_view>

#include "nolabel/data/text.h"

namespace nolabel {
namespace {

SplitRole role_of(std::string_view name) {
  std::string word;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') word += c;
    if (static_cast<unsigned char>(c) >= 0x80) return SplitRole::none;
  }
  for (const std::string_view suffix : {"set", "data", "images", "imgs"}) {
    if (word.size() > suffix.size() && word.ends_with(suffix)) {
      word.resize(word.size() - suffix.size());
      break;
    }
  }
  if (word == "train" || word == "training") return SplitRole::train;
  if (word == "test" || word == "testing") return SplitRole::test;
  if (word == "val" || word == "valid" || word == "validation") return SplitRole::validation;
  return SplitRole::none;
}

}  // namespace

SplitName split_name(const std::string& folder) {
  const std::string lower = lower_case(folder);
  SplitName name{.role = role_of(lower), .rest = {}};
  if (name.role != SplitRole::none) return name;
  for (std::string_view left = lower; !left.empty();) {
    const std::string_view word = left.substr(0, left.find_first_of("_- "));
    left.remove_prefix(std::min(word.size() + 1, left.size()));
    const SplitRole role = role_of(word);
    if (role == SplitRole::none) {
      if (!word.empty()) name.rest.append(name.rest.empty() ? "" : " ").append(word);
    } else if (name.role == SplitRole::none) {
      name.role = role;
    } else {
      return {};
    }
  }
  return name;
}

}  // namespace nolabel
