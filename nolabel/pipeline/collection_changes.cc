#include "nolabel/pipeline/collection_changes.h"

#include <algorithm>
#include <map>
#include <set>

namespace nolabel {
namespace {

namespace fs = std::filesystem;

std::string file_place(const PlacedImages& images, size_t i) {
  return (images.root / images.list.images[i].name).lexically_normal().string();
}

bool lies_in(const fs::path& inner, const fs::path& outer) {
  const auto [at, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return at == outer.end();
}

fs::path without_slash(const fs::path& path) {
  const fs::path normal = fs::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

const char* change_name(ImageChange change) {
  switch (change) {
    case ImageChange::none:
      return "";
    case ImageChange::fresh:
      return "new";
    case ImageChange::moved:
      return "moved";
    case ImageChange::changed:
      return "changed";
  }
  return "";
}

int64_t CollectionChanges::count(ImageChange change) const {
  return std::ranges::count(changes, change);
}

bool CollectionChanges::is_known(int64_t i) const {
  return changes[i] == ImageChange::none || changes[i] == ImageChange::moved;
}

CollectionChanges collection_changes(const PlacedImages& was, const PlacedImages& is) {
  const size_t count = is.list.images.size();
  CollectionChanges result{
      std::vector(count, ImageChange::fresh), std::vector<std::string>(count), {}};
  std::map<std::string, size_t> earlier_places;
  for (size_t i = 0; i < was.list.images.size(); ++i) earlier_places[file_place(was, i)] = i;

  std::set<size_t> left;  // earlier images that are nowhere yet
  for (const auto& [place, i] : earlier_places) left.insert(i);
  for (size_t i = 0; i < count; ++i) {
    const auto earlier = earlier_places.find(file_place(is, i));
    if (earlier == earlier_places.end()) continue;
    const bool same = was.list.images[earlier->second].content == is.list.images[i].content;
    result.changes[i] = same ? ImageChange::none : ImageChange::changed;
    if (same) left.erase(earlier->second);
  }
  std::multimap<ContentId, size_t> elsewhere;
  for (const size_t i : left) elsewhere.emplace(was.list.images[i].content, i);
  std::set<std::string> replaced;
  for (size_t i = 0; i < count; ++i) {
    if (result.changes[i] == ImageChange::none) continue;
    if (result.changes[i] == ImageChange::changed) replaced.insert(file_place(is, i));
    const auto earlier = elsewhere.find(is.list.images[i].content);
    if (earlier == elsewhere.end()) continue;
    result.changes[i] = ImageChange::moved;
    result.was[i] = was.list.images[earlier->second].name;
    left.erase(earlier->second);
    elsewhere.erase(earlier);
  }
  // What another content has replaced is told with the new content.
  for (const size_t i : left) {
    if (!replaced.contains(file_place(was, i))) result.gone.push_back(was.list.images[i].name);
  }
  std::ranges::sort(result.gone);
  return result;
}

fs::path common_root(const std::vector<fs::path>& sources) {
  fs::path root;
  for (const fs::path& source : sources) {
    const fs::path place = without_slash(source);
    const fs::path folder = fs::is_regular_file(place) ? place.parent_path() : place;
    if (root.empty()) {
      root = folder;
      continue;
    }
    fs::path common;
    for (auto a = root.begin(), b = folder.begin();
         a != root.end() && b != folder.end() && *a == *b; ++a, ++b) {
      common /= *a;
    }
    root = common;
  }
  return root;
}

std::vector<fs::path> joined_sources(const std::vector<fs::path>& sources,
                                     const std::vector<fs::path>& added) {
  std::vector<fs::path> all;
  for (const std::vector<fs::path>* paths : {&sources, &added}) {
    for (const fs::path& path : *paths) all.push_back(without_slash(path));
  }
  std::vector<fs::path> joined;
  for (size_t i = 0; i < all.size(); ++i) {
    bool is_covered = false;
    for (size_t k = 0; k < all.size() && !is_covered; ++k) {
      // Of equal paths the first stays.
      is_covered = k != i && lies_in(all[i], all[k]) && (all[i] != all[k] || k < i);
    }
    if (!is_covered) joined.push_back(all[i]);
  }
  return joined;
}

}  // namespace nolabel
