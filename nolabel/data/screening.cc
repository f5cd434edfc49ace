#include "nolabel/data/screening.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <tuple>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/hash_search.h"
#include "nolabel/image/alike.h"
#include "nolabel/image/content.h"
#include "nolabel/image/perceptual_hash.h"
#include "nolabel/record/progress_meter.h"

namespace nolabel {
namespace {

// Representatives that an image is compared with, the nearest first.
constexpr int kCompared = 8;

class Screener {
 public:
  Screener(const std::vector<const Dataset*>& datasets, const std::vector<ContentId>& contents,
           int threads, const Observer& observer)
      : threads_(threads),
        observer_(observer),
        meter_("looking for near-duplicates", "images", std::ssize(contents)),
        result_(only_exact_copies(contents)) {
    for (int number = 0; number < std::ssize(datasets); ++number) {
      for (int64_t i = 0; i < datasets[number]->size(); ++i) {
        place_.push_back({datasets[number], i, number});
      }
    }
    NOLABEL_ASSERT(place_.size() == contents.size());
  }

  Screening go() {
    hash();
    group(match_hashes(wholes_, windows_, {.threads = threads_}, observer_));
    return std::move(result_);
  }

 private:
  struct Place {
    const Dataset* dataset;
    int64_t index;
    int number;  // of the data set
  };

  int64_t size() const { return std::ssize(place_); }

  Luminance luminance(int64_t image) const {
    const Place& place = place_[image];
    const DatasetImage picture = place.dataset->image(place.index);
    return Luminance(picture.view());
  }

  bool is_copy(int64_t image) const { return result_.representative[image] != image; }

  void hash() {
    wholes_.resize(place_.size());
    std::vector<std::vector<WindowHash>> of_image(place_.size());
    std::vector<char> has_content(place_.size(), 1);  // of their own byte each: threads write them
    int64_t done = 0;
    parallel_for(size(), threads_, 64, [&](int64_t begin, int64_t end) {
      observer_.stop_if_requested();
      for (int64_t i = begin; i < end; ++i) {
        const Luminance image = luminance(i);
        place_[i].dataset->passed(place_[i].index);
        has_content[i] = nolabel::has_content(image);
        if (!has_content[i] || is_copy(i)) continue;
        wholes_[i] = perceptual_hash(image);
        for (const Window& window : crop_windows()) {
          const auto hash = perceptual_hash(image, window);
          if (hash) of_image[i].push_back({*hash, static_cast<int32_t>(i)});
        }
      }
      const std::lock_guard lock(progress_);
      done += end - begin;
      if (observer_.progress) observer_.progress(meter_.update(done));
    });
    for (int64_t i = 0; i < size(); ++i) {
      result_.has_content[i] = has_content[i] != 0;
      windows_.insert(windows_.end(), of_image[i].begin(), of_image[i].end());
    }
  }

  // Images of the first data set come first: what trains is never represented by what does not.
  // Then images that contain many others, so that the original stands for its crops; of
  // equals, the larger ones.
  std::vector<int64_t> ranks(const HashMatches& matches) const {
    std::vector<int64_t> order(place_.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater(), [&](int64_t i) {
      const Place& place = place_[i];
      const int64_t pixels =
          int64_t{place.dataset->height(place.index)} * place.dataset->width(place.index);
      return std::tuple(-place.number, matches.containing_count[i], pixels);
    });
    std::vector<int64_t> rank(order.size());
    for (size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<int64_t>(i);
    return rank;
  }

  // The matches of each image that come before it, the nearest first.
  std::vector<std::vector<HashMatch>> earlier_matches(const HashMatches& matches) const {
    const std::vector<int64_t> rank = ranks(matches);
    std::vector<std::vector<HashMatch>> earlier(place_.size());
    const auto add = [&](int64_t image, int64_t other, int distance) {
      if (rank[other] < rank[image]) {
        earlier[image].push_back({static_cast<int32_t>(other), distance});
      }
    };
    for (int64_t i = 0; i < size(); ++i) {
      for (const HashMatch& match : matches.containing[i]) {
        add(i, match.image, match.distance);
        add(match.image, i, match.distance);
      }
    }
    for (std::vector<HashMatch>& list : earlier) {
      std::ranges::sort(list, {}, [&](const HashMatch& match) {
        return std::pair(match.distance, rank[match.image]);
      });
      if (list.size() > kCompared) list.resize(kCompared);
    }
    return earlier;
  }

  // Images by how many decisions must be taken before theirs.
  static std::vector<std::vector<int64_t>> levels(
      const std::vector<std::vector<HashMatch>>& earlier, const std::vector<int64_t>& rank) {
    std::vector<int64_t> order(earlier.size());
    for (size_t i = 0; i < rank.size(); ++i) order[rank[i]] = static_cast<int64_t>(i);
    std::vector<int64_t> level(earlier.size(), 0);
    std::vector<std::vector<int64_t>> by_level;
    for (const int64_t image : order) {
      if (earlier[image].empty()) continue;
      for (const HashMatch& match : earlier[image]) {
        level[image] = std::max(level[image], level[match.image] + 1);
      }
      by_level.resize(std::max<size_t>(by_level.size(), static_cast<size_t>(level[image])));
      by_level[level[image] - 1].push_back(image);
    }
    return by_level;
  }

  // The representative of the first match whose group the image belongs to.
  int64_t decide(int64_t image, const std::vector<HashMatch>& earlier) const {
    std::optional<Luminance> own;
    std::vector<int64_t> compared;
    for (const HashMatch& match : earlier) {
      const int64_t candidate = result_.representative[match.image];
      if (std::ranges::find(compared, candidate) != compared.end()) continue;
      compared.push_back(candidate);
      if (!own) own = luminance(image);
      if (detail_agreement(luminance(candidate), *own) >= kCopyAgreement) return candidate;
    }
    return image;
  }

  void group(const HashMatches& matches) {
    const auto earlier = earlier_matches(matches);
    std::vector<int64_t> exact = result_.representative;
    for (const std::vector<int64_t>& level : levels(earlier, ranks(matches))) {
      parallel_for(std::ssize(level), threads_, 8, [&](int64_t begin, int64_t end) {
        observer_.stop_if_requested();
        for (int64_t i = begin; i < end; ++i) {
          result_.representative[level[i]] = decide(level[i], earlier[level[i]]);
        }
      });
    }
    // Exact copies of an image go where it went.
    for (int64_t i = 0; i < size(); ++i) {
      if (exact[i] != i) result_.representative[i] = result_.representative[exact[i]];
    }
  }

  std::vector<Place> place_;
  const int threads_;
  const Observer& observer_;
  ProgressMeter meter_;
  std::mutex progress_;
  Screening result_;
  std::vector<std::optional<uint64_t>> wholes_;
  std::vector<WindowHash> windows_;
};

}  // namespace

Screening only_exact_copies(const std::vector<ContentId>& contents) {
  Screening result{.representative = std::vector<int64_t>(contents.size()),
                   .has_content = std::vector<bool>(contents.size(), true)};
  std::iota(result.representative.begin(), result.representative.end(), 0);
  for (const std::vector<int64_t>& group : identical_groups(contents)) {
    for (const int64_t image : group) result.representative[image] = group[0];
  }
  return result;
}

Screening screen_images(const std::vector<const Dataset*>& datasets,
                        const std::vector<ContentId>& contents, int threads,
                        const Observer& observer) {
  return Screener(datasets, contents, threads, observer).go();
}

std::vector<int64_t> training_images(const Screening& screening, int64_t count) {
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < count; ++i) {
    if (screening.representative[i] == i && screening.has_content[i]) indices.push_back(i);
  }
  return indices;
}

std::vector<std::vector<int64_t>> groups_of(const std::vector<int64_t>& representative) {
  std::map<int64_t, std::vector<int64_t>> members;
  for (size_t i = 0; i < representative.size(); ++i) {
    const auto image = static_cast<int64_t>(i);
    if (representative[i] != image) members[representative[i]].push_back(image);
  }
  std::vector<std::vector<int64_t>> groups;
  for (auto& [first, others] : members) {
    groups.push_back({first});
    groups.back().insert(groups.back().end(), others.begin(), others.end());
  }
  return groups;
}

}  // namespace nolabel
