#include "nolabel/run/mined_features.h"

#include <string_view>

namespace nolabel {
namespace {

constexpr std::string_view suffix = " before the head";

}  // namespace

std::string MinedFeatures::text() const {
  return backbone_hash + std::string(before_head ? suffix : "");
}

MinedFeatures MinedFeatures::parse(const std::string& text) {
  if (!text.ends_with(suffix)) return {text, false};
  return {text.substr(0, text.size() - suffix.size()), true};
}

}  // namespace nolabel
