#include "nolabel/data/folder_labels.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string_view>
#include <tuple>

#include "nolabel/base/error.h"
#include "nolabel/data/split_name.h"
#include "nolabel/data/text.h"

namespace nolabel {
namespace {

using namespace std::string_view_literals;
using Names = std::set<std::string, std::less<>>;

// The length of the path's first `level` folders, with a slash after each; npos when it has fewer.
size_t length_of_folders(std::string_view name, int level) {
  size_t length = 0;
  for (; level > 0; --level) {
    const size_t slash = name.find('/', length);
    if (slash == name.npos) return slash;
    length = slash + 1;
  }
  return length;
}

// The path's part number `level`, or nothing when that is the file itself.
std::optional<std::string_view> folder_at(std::string_view name, int level) {
  const size_t first = length_of_folders(name, level);
  const size_t slash = first == name.npos ? first : name.find('/', first);
  if (slash == name.npos) return std::nullopt;
  return name.substr(first, slash - first);
}

// The images of a split's folder, or all of them.
struct Part {
  std::vector<ListedImage*> images;
  std::vector<Names> levels{};  // folders that may be the classes, from the first level on
  size_t first = 0;             // those above it are no classes
  int level = 0;                // where the classes are
};

// A picture that lies in no folder of this level.
const ListedImage* image_outside(const Part& part, int level) {
  const auto found = std::find_if(
      part.images.begin(), part.images.end(),
      [&](const ListedImage* image) { return !folder_at(image->name, level).has_value(); });
  return found == part.images.end() ? nullptr : *found;
}

Names folders_at(const Part& part, int level) {
  Names names;
  for (const ListedImage* image : part.images) {
    const auto folder = folder_at(image->name, level);
    if (folder && !names.contains(*folder)) names.emplace(*folder);
  }
  return names;
}

// One folder that all others lie in may be no class. Inside of a split, one with a split's name
// never is: training_set/training_set/cats.
void find_levels(Part& part, int level, bool of_split) {
  for (;; ++level) {
    part.levels.push_back(folders_at(part, level));
    const Names& names = part.levels.back();
    if (names.size() != 1 || image_outside(part, level)) return;
    if (of_split && split_name(*names.begin()).role != SplitRole::none) {
      part.first = part.levels.size();
    } else if (image_outside(part, level + 1)) {
      return;
    }
  }
}

size_t shared(const Names& a, const Names& b) {
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both.size();
}

// Both parts of a split have the same classes, so the levels that share the most names are theirs;
// the deepest of them. Where none are shared, as many folders are passed over in both.
void choose_levels(Part& train, Part& test, int level) {
  const auto depth_of = [](const Part& part, const Part& other) {
    return (part.images.empty() ? other : part).levels.size() -
           (part.images.empty() ? other : part).first;
  };
  const size_t depth = std::min(depth_of(train, test), depth_of(test, train));
  size_t best_train = train.first + depth - 1, best_test = test.first + depth - 1, most = 0;
  for (size_t i = train.first; i < train.levels.size(); ++i) {
    for (size_t j = test.first; j < test.levels.size(); ++j) {
      const size_t names = shared(train.levels[i], test.levels[j]);
      if (names == 0 || std::tuple(names, i + j) <= std::tuple(most, best_train + best_test)) {
        continue;
      }
      std::tie(most, best_train, best_test) = std::tuple(names, i, j);
    }
  }
  train.level = level + static_cast<int>(best_train);
  test.level = level + static_cast<int>(best_test);
}

// The training images, then those to test on, of a split; else one part.
std::vector<Part> parts_of(Listing& listing, const std::optional<FolderSplit>& split) {
  std::vector<Part> parts(1);
  if (!split) {
    for (ListedImage& image : listing.images) parts[0].images.push_back(&image);
    find_levels(parts[0], 0, false);
    parts[0].level = static_cast<int>(parts[0].levels.size()) - 1;
    return parts;
  }
  parts.emplace_back();
  for (ListedImage& image : listing.images) {
    parts[image.name.starts_with(split->train_folder() + "/") ? 0 : 1].images.push_back(&image);
  }
  for (Part& part : parts) find_levels(part, split->class_level(), true);
  choose_levels(parts[0], parts[1], split->class_level());
  return parts;
}

// The only folder says what every data set holds: train/images beside train/labels.
bool is_no_class(const Names& folders) {
  constexpr std::array names = {"images"sv, "image"sv, "imgs"sv,       "img"sv,
                                "photos"sv, "data"sv,  "jpegimages"sv, "pictures"sv};
  return folders.size() == 1 &&
         std::find(names.begin(), names.end(), lower_case(*folders.begin())) != names.end();
}

void set_labels(Listing& listing, const std::vector<Part>& parts, const Names& folders) {
  auto& names = listing.class_names;
  listing.labels_from_folders = true;
  names.assign(folders.begin(), folders.end());
  for (const Part& part : parts) {
    for (ListedImage* image : part.images) {
      const auto found =
          std::lower_bound(names.begin(), names.end(), *folder_at(image->name, part.level));
      image->label = static_cast<int32_t>(found - names.begin());
    }
  }
}

// "their 10 folders are the labels", "the 2 folders in animals are the labels"
std::string labels_text(const Listing& listing, const std::vector<Part>& parts, bool split,
                        int first_level) {
  std::string above;
  const bool deeper = std::any_of(parts.begin(), parts.end(),
                                  [&](const Part& part) { return part.level > first_level; });
  for (const Part& part : parts) {
    if (!deeper || part.images.empty()) continue;
    const std::string& name = part.images.front()->name;
    above += above.empty() ? " in " : " and ";
    above += name.substr(0, length_of_folders(name, part.level) - 1);
  }
  const char* whose = !above.empty() ? "the" : split ? "their" : "its";
  const size_t classes = listing.class_names.size();
  if (classes == 1) return format("{} only folder{} is the label", whose, above);
  return format("{} {} folders{} are the labels", whose, classes, above);
}

// Folders named as the parts of a split that are none (train_a, test_b) or of several.
void warn_of_split_names(Listing& listing) {
  const std::string* first = nullptr;
  SplitRole role = SplitRole::none;
  for (const std::string& name : listing.class_names) {
    const SplitRole found = split_name(name).role;
    if (found == SplitRole::none || found == role) continue;
    if (first) {
      listing.warnings.push_back(format(
          "{}: folders such as {} and {} are taken as classes. To use two folders as training and "
          "test images, rename them to train and test. To ignore folders, use --labels none",
          listing.root.filename().string(), *first, name));
      return;
    }
    first = &name;
    role = found;
  }
}

// Some pictures of a split have class folders, but `outside` has none.
void warn_of_lost_labels(Listing& listing, const std::vector<Part>& parts, const FolderSplit& split,
                         const ListedImage& outside) {
  std::string advice = "put every picture into a class folder";
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool train = i == 0;
    if (parts[i].images.empty() || image_outside(parts[i], parts[i].level)) continue;
    advice = format("sort the pictures of {} into class folders too, or name {} alone",
                    (listing.root / (train ? split.test_folder() : split.train_folder())).string(),
                    (listing.root / (train ? split.train_folder() : split.test_folder())).string());
  }
  listing.warnings.push_back(
      format("{}: there are no labels, because {} lies in no class folder: {}",
             listing.root.filename().string(), outside.name, advice));
}

}  // namespace

void label_by_folders(Listing& listing, const std::optional<FolderSplit>& split,
                      LabelSource source) {
  const std::vector<Part> parts = parts_of(listing, split);
  const ListedImage* outside = nullptr;
  Names folders;
  for (const Part& part : parts) {
    if (!outside) outside = image_outside(part, part.level);
    folders.merge(folders_at(part, part.level));
  }
  if (source == LabelSource::folders && outside) {
    fail_usage("with labels from folders every picture must lie in a class folder. Received {}.",
               (listing.root / outside->name).string());
  }
  const auto note = [&](const std::string& labels) {
    std::string text = listing.root.filename().string() + ": ";
    if (split) {
      text += format("folders {} and {} are the training and {} images", split->train_folder(),
                     split->test_folder(), split->validation ? "validation" : "test");
    }
    if (split && !labels.empty()) text += "; ";
    listing.notes.push_back(text + labels);
  };
  if (folders.empty()) {
    if (split) note("there are no labels");
  } else if (source == LabelSource::none) {
    note("the names of folders are not taken as labels");
  } else if (outside && split && !is_no_class(folders)) {
    note("");
    warn_of_lost_labels(listing, parts, *split, *outside);
  } else if (outside) {
    note(format("there are no labels, because {} lies in no class folder", outside->name));
  } else if (source == LabelSource::automatic && is_no_class(folders)) {
    note(format("there are no labels, because all lie in {}", *folders.begin()));
  } else {
    set_labels(listing, parts, folders);
    note(labels_text(listing, parts, split.has_value(), split ? split->class_level() : 0));
    if (!split && source == LabelSource::automatic) warn_of_split_names(listing);
  }
}

}  // namespace nolabel
