#include "nolabel/report/gallery.h"

#include <algorithm>

#include "nolabel/base/threads.h"
#include "nolabel/report/file_url.h"
#include "nolabel/report/page_data.h"
#include "nolabel/report/thumbnails.h"

namespace nolabel {
namespace {

using nlohmann::json;

constexpr size_t kMost = 36, kLeast = 18, kOfPart = 6;
constexpr int kShownSide = 160;  // CSS pixels of a picture on the page (style.css)
constexpr int kSides[] = {largest_shown_side, 240,
                          kShownSide};  // of thumbnails; the largest that fits is taken
constexpr size_t kTried = 48;           // thumbnails made to learn their size
constexpr double kSizeMargin = 1.05;    // the others may be larger than those
constexpr int64_t kBatch = 256;         // thumbnails made between two looks at the budget

enum class Shelf { prototype, most, least, part };

struct Place {
  int64_t image;
  int cluster;  // or part
  Shelf shelf;
};

// The images of each cluster that are shown, the most confident first.
std::vector<std::vector<int64_t>> shown_members(const ReportData& data) {
  auto members = members_by_confidence(data.assignments, data.cluster_count);
  for (std::vector<int64_t>& list : members) {
    std::erase_if(list, [&data](int64_t image) { return !data.is_shown(image); });
  }
  return members;
}

// The most confident images of parts of which `places` shows too few.
std::vector<Place> missing_of_parts(const ReportData& data, const std::vector<Place>& places) {
  if (!data.tree) return {};
  const ReportTree& tree = *data.tree;
  std::vector<char> shown(data.assignments.size(), false);
  std::vector<size_t> counts(tree.cluster_of.size(), 0);
  for (const Place& place : places) {
    if (place.shelf == Shelf::prototype || shown[place.image]) continue;
    shown[place.image] = true;
    ++counts[tree.part[place.image]];
  }
  std::vector<Place> missing;
  for (const auto& members : shown_members(data)) {
    for (const int64_t image : members) {
      const int64_t part = tree.part[image];
      if (shown[image] || counts[part] >= kOfPart) continue;
      ++counts[part];
      missing.push_back({image, static_cast<int>(part), Shelf::part});
    }
  }
  return missing;
}

// All pictures wanted, in the order in which they are given up last: prototypes, then by rank.
std::vector<Place> wanted_places(const ReportData& data) {
  std::vector<Place> places;
  for (size_t k = 0; k < data.prototypes.size(); ++k) {
    if (data.prototypes[k] >= 0) {
      places.push_back({data.prototypes[k], static_cast<int>(k), Shelf::prototype});
    }
  }
  const auto members = shown_members(data);
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
  const std::vector<Place> of_parts = missing_of_parts(data, places);
  places.insert(places.end(), of_parts.begin(), of_parts.end());
  return places;
}

// A list file may name pictures by absolute paths.
std::string original_url(const ReportData& data, int64_t image) {
  const std::string& name = data.names[image];
  return (name.starts_with('/') ? "file://" : data.originals) + percent_encoded(name);
}

json picture_json(const ReportData& data, int64_t image, std::string uri) {
  const Assignment& a = data.assignments[image];
  json picture = {{"name", data.names[image]},
                  {"cluster", a.cluster},
                  {"confidence", a.confidence},
                  {"runner_up", a.runner_up},
                  {"runner_up_confidence", a.runner_up_confidence}};
  if (!data.originals.empty()) picture["file"] = original_url(data, image);
  if (!data.labels.empty()) picture["label"] = data.labels[image];
  if (data.tree) picture["part"] = data.tree->part[image];
  if (!uri.empty()) picture["uri"] = std::move(uri);
  return picture;
}

// Empty when there is no picture.
std::string thumbnail(const ReportData& data, int64_t i, int side) {
  return thumbnail_of(data.images, i, data.folder.empty() ? "" : data.folder / data.names[i], side);
}

std::vector<json> pictures_of(const ReportData& data, std::span<const Place> places, int side) {
  std::vector<json> pictures(places.size());
  const auto count = static_cast<int64_t>(places.size());
  parallel_for(count, data.threads, 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t image = places[i].image;
      pictures[i] = picture_json(data, image, thumbnail(data, image, side));
    }
  });
  return pictures;
}

int64_t bytes_of(const json& picture) {
  return static_cast<int64_t>(script_json(picture).size()) + 16;  // its number in the lists
}

// The largest side with which all pictures fit, as far as some of them tell.
int thumbnail_side(const ReportData& data, const std::vector<Place>& places, const Budget& budget) {
  if (places.empty() || !data.has_pictures()) return kShownSide;
  std::vector<Place> tried;
  const size_t every = (places.size() + kTried - 1) / kTried;
  for (size_t i = 0; i < places.size(); i += every) tried.push_back(places[i]);
  const double scale =
      kSizeMargin * static_cast<double>(places.size()) / static_cast<double>(tried.size());
  for (const int side : kSides) {
    double bytes = 0;
    for (const json& picture : pictures_of(data, tried, side)) {
      bytes += static_cast<double>(bytes_of(picture));
    }
    if (bytes * scale <= static_cast<double>(budget.left())) return side;
  }
  return kShownSide;
}

}  // namespace

int64_t most_pictures(int clusters) {
  constexpr size_t parts = 3;
  return static_cast<int64_t>(clusters * (1 + kMost + kLeast + parts * kOfPart));
}

Gallery make_gallery(const ReportData& data, Budget& budget) {
  Gallery gallery;
  gallery.most.resize(data.cluster_count);
  gallery.least.resize(data.cluster_count);
  if (data.tree) gallery.parts.resize(data.tree->cluster_of.size());
  gallery.prototypes.assign(data.prototypes.size(), -1);
  const std::vector<Place> places = wanted_places(data);
  const int side = thumbnail_side(data, places, budget);
  for (size_t begin = 0; begin < places.size(); begin += kBatch) {
    const auto batch =
        std::span(places).subspan(begin, std::min<size_t>(kBatch, places.size() - begin));
    std::vector<json> pictures = pictures_of(data, batch, side);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (!budget.take(bytes_of(pictures[i]))) return gallery;
      const auto number = static_cast<int>(gallery.pictures.size());
      gallery.pictures.push_back(std::move(pictures[i]));
      const auto& [image, cluster, shelf] = batch[i];
      if (shelf == Shelf::prototype) gallery.prototypes[cluster] = number;
      if (shelf == Shelf::most) gallery.most[cluster].push_back(number);
      if (shelf == Shelf::least) gallery.least[cluster].push_back(number);
      if (shelf == Shelf::part) gallery.parts[cluster].push_back(number);
    }
  }
  return gallery;
}

}  // namespace nolabel
