#include "nolabel/data/hash_search.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

constexpr int kParts = 4, kPartBits = 16, kPartFlips = 2;
constexpr int kPartValues = 1 << kPartBits;

uint32_t part_of(uint64_t hash, int part) {
  return static_cast<uint32_t>(hash >> (part * kPartBits)) % kPartValues;
}

// All ways to change at most two bits of a part.
std::vector<uint32_t> near_changes() {
  std::vector<uint32_t> changes = {0};
  for (int i = 0; i < kPartBits; ++i) {
    changes.push_back(1u << i);
    for (int j = 0; j < i; ++j) changes.push_back((1u << i) | (1u << j));
  }
  return changes;
}

// The windows by the value of one part of their hashes.
class PartTable {
 public:
  PartTable(const std::vector<WindowHash>& windows, int part)
      : starts_(kPartValues + 1, 0), entries_(windows.size()) {
    for (const WindowHash& window : windows) ++starts_[part_of(window.hash, part) + 1];
    for (int value = 0; value < kPartValues; ++value) starts_[value + 1] += starts_[value];
    std::vector<int64_t> next(starts_.begin(), starts_.end() - 1);
    for (const WindowHash& window : windows) {
      entries_[next[part_of(window.hash, part)]++] = window;
    }
  }

  template <class See>
  void visit(uint32_t value, int64_t at_most, const See& see) const {
    const int64_t last = std::min(starts_[value + 1], starts_[value] + at_most);
    for (int64_t i = starts_[value]; i < last; ++i) see(entries_[i]);
  }

 private:
  std::vector<int64_t> starts_;
  std::vector<WindowHash> entries_;
};

// Keeps the nearest `kept` images.
void insert(std::vector<HashMatch>& list, HashMatch match, int kept) {
  const auto known = std::ranges::find(list, match.image, &HashMatch::image);
  if (known == list.end()) {
    list.push_back(match);
  } else {
    known->distance = std::min(known->distance, match.distance);
  }
  if (std::ssize(list) > kept) {
    list.erase(std::ranges::max_element(list, [](const HashMatch& a, const HashMatch& b) {
      return std::tie(a.distance, a.image) < std::tie(b.distance, b.image);
    }));
  }
}

}  // namespace

HashMatches match_hashes(const std::vector<std::optional<uint64_t>>& wholes,
                         const std::vector<WindowHash>& windows, const HashSearch& search,
                         const Observer& observer) {
  NOLABEL_ASSERT(0 <= search.radius && search.radius < kParts * (kPartFlips + 1));
  const auto images = static_cast<int64_t>(wholes.size());
  HashMatches matches{.containing = std::vector<std::vector<HashMatch>>(wholes.size()),
                      .containing_count = std::vector<int64_t>(wholes.size(), 0)};
  const std::vector<uint32_t> changes = near_changes();
  for (int part = 0; part < kParts; ++part) {
    const PartTable table(windows, part);
    parallel_for(images, search.threads, 256, [&](int64_t begin, int64_t end) {
      observer.stop_if_requested();
      for (int64_t image = begin; image < end; ++image) {
        if (!wholes[image]) continue;
        const uint64_t hash = *wholes[image];
        const auto see = [&](const WindowHash& window) {
          const uint64_t difference = window.hash ^ hash;
          const int distance = std::popcount(difference);
          if (distance > search.radius || window.image == image) return;
          insert(matches.containing[image], {window.image, distance}, search.kept);
        };
        for (const uint32_t change : changes) {
          table.visit(part_of(hash, part) ^ change, search.looked_at, see);
        }
      }
    });
  }
  for (std::vector<HashMatch>& list : matches.containing) {
    std::ranges::sort(list, {}, [](const HashMatch& m) { return std::tie(m.distance, m.image); });
    for (const HashMatch& match : list) ++matches.containing_count[match.image];
  }
  return matches;
}

}  // namespace nolabel
