#include "nolabel/run/mined_features.h"

#include <charconv>
#include <string_view>

namespace nolabel {
namespace {

constexpr std::string_view suffix = " before the head";
constexpr std::string_view averaged = " averaged over views: ";

}  // namespace

std::string MinedFeatures::text() const {
  std::string text = backbone_hash + std::string(before_head ? suffix : "");
  if (averaged_views > 0)
    text += std::string(averaged) + std::to_string(averaged_views) + " " + views;
  return text;
}

MinedFeatures MinedFeatures::parse(const std::string& text) {
  MinedFeatures mined;
  mined.backbone_hash = text.substr(0, text.find(averaged));
  if (mined.backbone_hash.size() < text.size()) {
    const char* number = text.data() + mined.backbone_hash.size() + averaged.size();
    const char* end = text.data() + text.size();
    const char* rest = std::from_chars(number, end, mined.averaged_views).ptr;
    if (rest != end) mined.views.assign(rest + 1, end);
  }
  if (mined.backbone_hash.ends_with(suffix)) {
    mined.before_head = true;
    mined.backbone_hash.resize(mined.backbone_hash.size() - suffix.size());
  }
  return mined;
}

}  // namespace nolabel
