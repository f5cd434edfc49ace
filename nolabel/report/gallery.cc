#include "nolabel/report/gallery.h"

#include <algorithm>

#include "nolabel/base/threads.h"
#include "nolabel/report/page_data.h"
#include "nolabel/report/thumbnails.h"

namespace nolabel {
namespace {

using nlohmann::json;

constexpr size_t kMost = 36, kLeast = 18;
constexpr int kThumbnailSide = 144;  // shown at 104 and larger
constexpr int64_t kBatch = 256;      // thumbnails made between two looks at the budget

enum class Shelf { prototype, most, least };

struct Place {
  int64_t image;
  int cluster;
  Shelf shelf;
};

// All pictures wanted, in the order in which they are given up last: prototypes, then by rank.
std::vector<Place> wanted_places(const ReportData& data) {
  std::vector<Place> places;
  for (size_t k = 0; k < data.prototypes.size(); ++k) {
    if (data.prototypes[k] >= 0) {
      places.push_back({data.prototypes[k], static_cast<int>(k), Shelf::prototype});
    }
  }
  const auto members = members_by_confidence(data.assignments, data.cluster_count);
  for (size_t rank = 0; rank < kMost; ++rank) {
    for (int k = 0; k < data.cluster_count; ++k) {
      const auto& m = members[k];
      // A small cluster is split, two parts most and one part least confident.
      const size_t most = std::min(kMost, m.size() - m.size() / 3);
      const size_t least = std::min(kLeast, m.size() / 3);
      if (rank < most) places.push_back({m[rank], k, Shelf::most});
      if (rank < least) places.push_back({m[m.size() - 1 - rank], k, Shelf::least});
    }
  }
  return places;
}

json picture_json(const ReportData& data, int64_t image, std::string uri) {
  const Assignment& a = data.assignments[image];
  json picture = {{"name", data.names[image]},
                  {"cluster", a.cluster},
                  {"confidence", a.confidence},
                  {"runner_up", a.runner_up},
                  {"runner_up_confidence", a.runner_up_confidence}};
  if (!data.labels.empty()) picture["label"] = data.labels[image];
  if (!uri.empty()) picture["uri"] = std::move(uri);
  return picture;
}

std::vector<json> pictures_of(const ReportData& data, std::span<const Place> places) {
  std::vector<json> pictures(places.size());
  const auto count = static_cast<int64_t>(places.size());
  parallel_for(count, data.threads, 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::string uri;
      if (data.images) {
        const DatasetImage image = data.images->image(places[i].image);
        uri = thumbnail_uri(image.view(), kThumbnailSide);
      }
      pictures[i] = picture_json(data, places[i].image, std::move(uri));
    }
  });
  return pictures;
}

}  // namespace

Gallery make_gallery(const ReportData& data, Budget& budget) {
  Gallery gallery;
  gallery.most.resize(data.cluster_count);
  gallery.least.resize(data.cluster_count);
  gallery.prototypes.assign(data.prototypes.size(), -1);
  const std::vector<Place> places = wanted_places(data);
  for (size_t begin = 0; begin < places.size(); begin += kBatch) {
    const auto batch =
        std::span(places).subspan(begin, std::min<size_t>(kBatch, places.size() - begin));
    std::vector<json> pictures = pictures_of(data, batch);
    for (size_t i = 0; i < batch.size(); ++i) {
      // 16 bytes for its number in the lists.
      if (!budget.take(static_cast<int64_t>(script_json(pictures[i]).size()) + 16)) return gallery;
      const auto number = static_cast<int>(gallery.pictures.size());
      gallery.pictures.push_back(std::move(pictures[i]));
      const auto& [image, cluster, shelf] = batch[i];
      if (shelf == Shelf::prototype) gallery.prototypes[cluster] = number;
      if (shelf == Shelf::most) gallery.most[cluster].push_back(number);
      if (shelf == Shelf::least) gallery.least[cluster].push_back(number);
    }
  }
  return gallery;
}

}  // namespace nolabel
