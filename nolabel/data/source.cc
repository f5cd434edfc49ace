#include "nolabel/data/source.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/data/pack.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

bool always(const fs::path&) {
  return true;
}
bool never(const fs::path&) {
  return false;
}

// Asked in this order: what holds a published data set is also a folder.
constexpr Source sources[] = {
    {"CIFAR (python)", is_cifar_pickle, always, list_cifar_pickle},
    {"CIFAR (binary)", is_cifar_binary, always, list_cifar_binary},
    {"STL-10", is_stl10, always, list_stl10, /*has_unlabeled=*/true},
    {"ImageNet", is_imagenet, imagenet_has_split, list_imagenet, false, /*has_subsets=*/true},
    {"folder", is_folder, folder_has_split, list_folder},
    {"list file", is_list_file, never, list_list_file},
    {"picture", is_picture, never, list_picture},
};

const Source& source_of(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    fail_usage("{} must be a folder, a picture or a list file. {}.", path.string(),
               error ? error.message() : "It does not exist");
  }
  if (own_folder(path) == OwnFolder::run) {
    fail_usage("{} is a run directory of nolabel: name a folder of images instead.", path.string());
  }
  for (const Source& source : sources) {
    if (source.recognises(path)) return source;
  }
  fail_usage(
      "{} must be a folder, a picture (.jpg, .png, .heic …) or a list file (.csv, .tsv, .txt, "
      ".lst).",
      path.string());
}

// Absolute, without "." and "..", without a slash at the end.
fs::path clean(const fs::path& path) {
  const fs::path full = fs::absolute(path).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

fs::path common_folder(const fs::path& a, const fs::path& b) {
  fs::path common;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end() && *i == *j; ++i, ++j) {
    common /= *i;
  }
  return common;
}

// Appends `part` to `whole`; classes with the same name become one.
void merge_classes(Listing& whole, Listing& part) {
  std::vector<int32_t> number;
  for (std::string& name : part.class_names) {
    auto& names = whole.class_names;
    const auto found = std::find(names.begin(), names.end(), name);
    number.push_back(static_cast<int32_t>(found - names.begin()));
    if (found == names.end()) names.push_back(std::move(name));
  }
  for (ListedImage& image : part.images) {
    if (image.label >= 0) image.label = number[image.label];
  }
}

void require_unlabeled(const Source& source, const fs::path& path, const LoadOptions& options) {
  if (!source.has_unlabeled) {
    fail_usage("only STL-10 has unlabeled images beside its train images. Received {}.",
               path.string());
  }
  if (options.split != Split::train) {
    fail_usage("unlabeled images go with the train images of {}, not with its test images.",
               path.string());
  }
}

template <class Item>
void rename(std::vector<Item>& items, const fs::path& old_root, const fs::path& new_root) {
  if (old_root.empty()) return;
  for (Item& item : items) {
    const fs::path full = (old_root / item.name).lexically_normal();
    item.name = full.lexically_relative(new_root).generic_string();
  }
}

Listing merge(std::vector<Listing> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Listing whole;
  for (const Listing& part : parts) {
    if (part.root.empty()) continue;
    whole.root = whole.root.empty() ? part.root : common_folder(whole.root, part.root);
  }
  whole.labels_from_folders = std::all_of(parts.begin(), parts.end(), [](const Listing& part) {
    return part.labels_from_folders || part.class_names.empty();
  });
  std::set<fs::path> taken;
  for (Listing& part : parts) {
    merge_classes(whole, part);
    rename(part.images, part.root, whole.root);
    rename(part.skipped, part.root, whole.root);
    for (ListedImage& image : part.images) {
      const bool repeated =
          !image.planes && !taken.insert(fs::path(image.file).lexically_normal()).second;
      if (!repeated) whole.images.push_back(std::move(image));
    }
    std::move(part.skipped.begin(), part.skipped.end(), std::back_inserter(whole.skipped));
    std::move(part.storage.begin(), part.storage.end(), std::back_inserter(whole.storage));
  }
  std::stable_partition(whole.images.begin(), whole.images.end(),
                        [](const ListedImage& image) { return !image.unlabeled; });
  whole.labels_from_folders = whole.labels_from_folders && !whole.class_names.empty();
  return whole;
}

}  // namespace

bool look_at_file(ListedImage& image) {
  struct stat status {};
  if (::stat(image.file.c_str(), &status) != 0) return false;
  image.file_bytes = static_cast<uint64_t>(status.st_size);
  image.modified = int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return true;
}

void require_no_split(const fs::path& path, const LoadOptions& options) {
  if (options.split == Split::all) return;
  fail_usage(
      "{} must have train and test images of its own to be split. Only CIFAR, STL-10, "
      "ImageNet and folders with train and test (or val, valid, validation) have.",
      path.string());
}

namespace {

// Once: whoever loads the training images loads the test images of the same source, too.
void tell(const Listing& listing, const LoadOptions& options, const Observer& observer) {
  if (options.split == Split::test || options.unlabeled) return;
  for (const std::string& text : listing.notes) observer.note(text);
  for (const std::string& text : listing.warnings) observer.warn(text);
}

}  // namespace

Listing list_images(const std::vector<fs::path>& paths, const LoadOptions& options,
                    const Observer& observer) {
  if (paths.empty()) fail_usage("at least one folder, picture or list file is required");
  std::vector<Listing> parts;
  std::string source_paths;
  FileCount count(observer);
  for (const fs::path& given : paths) {
    const fs::path path = clean(given);
    source_paths += path.string() + "\n";
    const Source& source = source_of(path);
    if (options.unlabeled) require_unlabeled(source, path, options);
    if (!options.subset.empty() && !source.has_subsets) {
      fail_usage("only ImageNet has subsets (such as {}). Received {}.", options.subset,
                 path.string());
    }
    parts.push_back(source.list(path, options, count));
    tell(parts.back(), options, observer);
    observer.stop_if_requested();
    if (!parts.back().images.empty()) continue;
    parts.pop_back();
    const std::string empty =
        format("{} must hold images (.jpg, .png, .heic …). It holds none.", given.string());
    if (paths.size() == 1 || options.strict) fail_data("{}", empty);
    observer.warn(empty);
  }
  if (parts.empty()) fail_data("at least one of the paths must hold images. None does.");
  Listing listing = merge(std::move(parts));
  listing.source = std::move(source_paths);
  return listing;
}

LoadedImages load_images(const std::vector<fs::path>& paths, const LoadOptions& options,
                         const Observer& observer) {
  return pack_images(list_images(paths, options, observer), options, observer);
}

void check_sources(const std::vector<fs::path>& paths) {
  for (const fs::path& path : paths) source_of(clean(path));
}

bool has_split(const std::vector<fs::path>& paths) {
  return !paths.empty() && std::all_of(paths.begin(), paths.end(), [](const fs::path& path) {
    return source_of(clean(path)).has_split(clean(path));
  });
}

}  // namespace nolabel
