#include "nolabel/data/folder_labels.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/data/lower_case.h"

namespace nolabel {
namespace {

using namespace std::string_view_literals;
using Names = std::set<std::string, std::less<>>;

// The path's part number `level`, or nothing when that is the file itself.
std::optional<std::string_view> folder_at(std::string_view name, int level) {
  for (; level > 0; --level) {
    const size_t slash = name.find('/');
    if (slash == name.npos) return std::nullopt;
    name.remove_prefix(slash + 1);
  }
  const size_t slash = name.find('/');
  if (slash == name.npos) return std::nullopt;
  return name.substr(0, slash);
}

// The level of the classes, from `level` on: one folder that all others lie in is no class.
int class_level(const std::vector<ListedImage>& images, int level) {
  for (;; ++level) {
    const auto first = images.empty() ? std::nullopt : folder_at(images.front().name, level);
    const bool above = first && std::all_of(images.begin(), images.end(), [&](const auto& image) {
                         return folder_at(image.name, level) == first &&
                                folder_at(image.name, level + 1).has_value();
                       });
    if (!above) return level;
  }
}

// A picture that lies in no folder of this level.
const ListedImage* image_outside(const std::vector<ListedImage>& images, int level) {
  const auto found = std::find_if(images.begin(), images.end(), [&](const ListedImage& image) {
    return !folder_at(image.name, level).has_value();
  });
  return found == images.end() ? nullptr : &*found;
}

Names folders_at(const std::vector<ListedImage>& images, int level) {
  Names names;
  for (const ListedImage& image : images) {
    if (const auto folder = folder_at(image.name, level)) names.emplace(*folder);
  }
  return names;
}

// The only folder says what every data set holds: train/images beside train/labels.
bool is_no_class(const Names& folders) {
  constexpr std::array names = {"images"sv, "image"sv, "imgs"sv,       "img"sv,
                                "photos"sv, "data"sv,  "jpegimages"sv, "pictures"sv};
  return folders.size() == 1 &&
         std::find(names.begin(), names.end(), lower_case(*folders.begin())) != names.end();
}

void set_labels(Listing& listing, const Names& folders, int level) {
  auto& names = listing.class_names;
  listing.labels_from_folders = true;
  names.assign(folders.begin(), folders.end());
  for (ListedImage& image : listing.images) {
    const auto found = std::lower_bound(names.begin(), names.end(), *folder_at(image.name, level));
    image.label = static_cast<int32_t>(found - names.begin());
  }
}

// "their 10 folders are the labels", "the 2 folders in animals are the labels"
std::string labels_text(const Listing& listing, const std::optional<FolderSplit>& split,
                        int level) {
  std::string above;
  for (int i = 0; !split && i < level; ++i) {
    above += format("{}{}", i > 0 ? "/" : " in ", *folder_at(listing.images.front().name, i));
  }
  const char* whose = split ? "their" : above.empty() ? "its" : "the";
  const size_t classes = listing.class_names.size();
  if (classes == 1) return format("{} only folder{} is the label", whose, above);
  return format("{} {} folders{} are the labels", whose, classes, above);
}

}  // namespace

std::string label_by_folders(Listing& listing, const std::optional<FolderSplit>& split,
                             LabelSource source) {
  const int level = class_level(listing.images, split ? split->class_level() : 0);
  const ListedImage* outside = image_outside(listing.images, level);
  if (source == LabelSource::folders && outside) {
    fail_usage("with labels from folders every picture must lie in a class folder. Received {}.",
               (listing.root / outside->name).string());
  }
  const Names folders = folders_at(listing.images, level);
  std::string text;
  if (split) {
    text = format("folders {} and {} are the training and {} images; ", split->train_folder(),
                  split->test_folder(), split->validation ? "validation" : "test");
  }
  if (folders.empty()) return split ? text + "there are no labels" : "";
  if (source == LabelSource::none) return text + "the names of folders are not taken as labels";
  if (outside) {
    return text + format("there are no labels, because {} lies in no class folder", outside->name);
  }
  if (source == LabelSource::automatic && is_no_class(folders)) {
    return text + format("there are no labels, because all lie in {}", *folders.begin());
  }
  set_labels(listing, folders, level);
  return text + labels_text(listing, split, level);
}

}  // namespace nolabel
