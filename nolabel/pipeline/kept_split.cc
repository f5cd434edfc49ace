#include "nolabel/pipeline/kept_split.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "nolabel/base/format.h"
#include "nolabel/base/keyed_rows.h"

namespace nolabel {
namespace {

RunSplit side_in(const ImageList& list, size_t i) {
  return i + list.held_out < list.images.size() ? RunSplit::train : RunSplit::validation;
}

// A number from 0 to 1 that follows from the seed and the content.
double drawn_of(const ContentId& content, uint64_t seed) {
  const RowKey key = row_key(format("{} {}", seed, content_text(content)));
  uint32_t bits = 0;
  std::memcpy(&bits, key.data(), sizeof bits);
  return static_cast<double>(bits) / 4294967296.0;  // 2^32
}

}  // namespace

std::vector<std::optional<RunSplit>> earlier_sides(const PlacedImages& was,
                                                   const PlacedImages& is) {
  std::map<std::string, size_t> places;
  const ImageList before = absolute_places(was), now = absolute_places(is);
  for (size_t i = 0; i < before.images.size(); ++i) places[before.images[i].name] = i;
  const size_t count = now.images.size();
  std::vector<std::optional<RunSplit>> sides(count);
  std::vector<bool> found(before.images.size(), false);
  const auto place_of = [&](size_t i) { return places.find(now.images[i].name); };
  for (size_t i = 0; i < count; ++i) {
    const auto same = place_of(i);
    if (same == places.end()) continue;
    if (before.images[same->second].content != now.images[i].content) continue;
    sides[i] = side_in(before, same->second);
    found[same->second] = true;
  }
  std::multimap<ContentId, size_t> elsewhere;
  for (size_t i = 0; i < before.images.size(); ++i) {
    if (!found[i]) elsewhere.emplace(before.images[i].content, i);
  }
  for (size_t i = 0; i < count; ++i) {
    const auto moved = sides[i] ? elsewhere.end() : elsewhere.find(now.images[i].content);
    if (moved == elsewhere.end()) continue;
    sides[i] = side_in(before, moved->second);
    elsewhere.erase(moved);
  }
  for (size_t i = 0; i < count; ++i) {
    const auto replaced = place_of(i);
    if (!sides[i] && replaced != places.end()) sides[i] = side_in(before, replaced->second);
  }
  return sides;
}

HoldOut kept_hold_out(const std::vector<std::optional<RunSplit>>& sides,
                      const std::vector<int64_t>& group, const std::vector<ContentId>& contents,
                      double fraction, uint64_t seed) {
  struct GroupSide {
    std::optional<RunSplit> side;
    ContentId least;  // does not depend on the order of the images
  };
  std::map<int64_t, GroupSide> groups;
  for (size_t i = 0; i < group.size(); ++i) {
    auto& [side, least] = groups.try_emplace(group[i], GroupSide{{}, contents[i]}).first->second;
    least = std::min(least, contents[i]);
    if (sides[i] && side != RunSplit::train) side = sides[i];
  }
  HoldOut parts;
  for (size_t i = 0; i < group.size(); ++i) {
    const GroupSide& own = groups.at(group[i]);
    const RunSplit drawn =
        drawn_of(own.least, seed) < fraction ? RunSplit::validation : RunSplit::train;
    const RunSplit side = sides[i].value_or(own.side.value_or(drawn));
    (side == RunSplit::train ? parts.train : parts.test).push_back(static_cast<int64_t>(i));
  }
  return parts;
}

void represent_by_training_images(Screening& screening, int64_t train) {
  std::vector<int64_t>& representative = screening.representative;
  std::map<int64_t, int64_t> instead;  // of representatives that do not train
  for (int64_t i = 0; i < train; ++i) {
    if (representative[i] >= train) instead.try_emplace(representative[i], i);
  }
  for (int64_t& standing : representative) {
    if (const auto other = instead.find(standing); other != instead.end()) standing = other->second;
  }
}

}  // namespace nolabel
