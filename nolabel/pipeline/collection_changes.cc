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

// The name of a place for somebody at `root`.
std::string seen_from(const fs::path& root, const std::string& place) {
  if (root.empty() || !lies_in(place, root)) return place;
  return fs::path(place).lexically_relative(root).generic_string();
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
    const auto earlier = elsewhere.find(is.list.images[i].content);
    if (earlier == elsewhere.end()) {
      if (result.changes[i] == ImageChange::changed) replaced.insert(file_place(is, i));
      continue;
    }
    result.changes[i] = ImageChange::moved;
    result.was[i] = seen_from(is.root, file_place(was, earlier->second));
    left.erase(earlier->second);
    elsewhere.erase(earlier);
  }
  // What another content has replaced is told with the new content.
  for (const size_t i : left) {
    const std::string place = file_place(was, i);
    if (!replaced.contains(place)) result.gone.push_back(seen_from(is.root, place));
  }
  std::ranges::sort(result.gone);
  return result;
}

ImageList absolute_places(const PlacedImages& images) {
  ImageList list = images.list;
  for (size_t i = 0; i < list.images.size(); ++i) list.images[i].name = file_place(images, i);
  return list;
}

std::vector<fs::path> joined_sources(const std::vector<fs::path>& sources,
                                     const std::vector<fs::path>& added,
                                     const std::function<bool(const fs::path&)>& holds_all) {
  std::vector<fs::path> joined;
  for (const fs::path& source : sources) joined.push_back(without_slash(source));
  for (const fs::path& given : added) {
    const fs::path path = without_slash(given);
    const bool is_there = std::ranges::any_of(joined, [&](const fs::path& source) {
      return path == source ||
             (fs::is_directory(path) && lies_in(path, source) && holds_all(source));
    });
    if (!is_there) joined.push_back(path);
  }
  return joined;
}

bool any_lies_in(const PlacedImages& images, const fs::path& source) {
  if (images.root.empty()) return false;
  const fs::path folder = without_slash(source);
  for (size_t i = 0; i < images.list.images.size(); ++i) {
    if (lies_in(file_place(images, i), folder)) return true;
  }
  return false;
}

}  // namespace nolabel
