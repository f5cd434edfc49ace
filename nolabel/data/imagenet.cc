// ImageNet (ILSVRC 2012) as it is commonly unpacked: ILSVRC2012_img_train/<wnid>/*.JPEG and
// ILSVRC2012_img_val/<wnid>/*.JPEG, whole or a subset of its classes.
#include <algorithm>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/data/folder_index.h"
#include "nolabel/data/imagenet_subset.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/data/system_files.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr const char* train_folder = "ILSVRC2012_img_train";
constexpr const char* test_folder = "ILSVRC2012_img_val";

// Where the test images or the train images are; both number their classes alike.
std::vector<std::string> folders_of(const fs::path& path, Split split) {
  if (split == Split::train) return {train_folder};
  if (split == Split::test) return {test_folder};
  std::vector<std::string> folders;
  for (const char* folder : {train_folder, test_folder}) {
    if (fs::is_directory(path / folder)) folders.emplace_back(folder);
  }
  return folders;
}

// The class folders of both splits, sorted.
std::vector<SubsetClass> all_classes(const fs::path& path) {
  std::set<std::string> wnids;
  for (const std::string& folder : folders_of(path, Split::all)) {
    std::error_code error;
    for (fs::directory_iterator i(path / folder, error), end; !error && i != end;
         i.increment(error)) {
      std::string name = i->path().filename().string();
      std::error_code ignored;
      if (is_system_name(name) || !i->is_directory(ignored)) continue;
      if (is_own_folder(i->path()) || holds_only_own_folders(i->path())) continue;
      wnids.insert(std::move(name));
    }
    if (error) fail_data("{} cannot be read: {}", (path / folder).string(), error.message());
  }
  std::vector<SubsetClass> classes;
  for (const std::string& wnid : wnids) classes.push_back({wnid, wnid});
  return classes;
}

void require_all(const fs::path& folder, const std::vector<SubsetClass>& classes,
                 const std::string& subset) {
  std::vector<std::string> missing;
  for (const SubsetClass& one : classes) {
    if (!fs::is_directory(folder / one.wnid)) missing.push_back(one.wnid);
  }
  if (missing.empty()) return;
  constexpr size_t most_named = 10;
  std::string names;
  for (size_t i = 0; i < std::min(most_named, missing.size()); ++i) {
    names += (i == 0 ? "" : ", ") + missing[i];
  }
  fail_data("{} must hold the {} class folders of {}. {} of them are missing: {}{}.",
            folder.string(), classes.size(), subset, missing.size(), names,
            missing.size() > most_named ? " …" : "");
}

// Appends the images of the classes that `folder` has, class by class.
void append_folder(Listing& listing, const std::string& folder,
                   const std::vector<SubsetClass>& classes, const LoadOptions& options,
                   FileCount& count) {
  const fs::path parent = listing.root / folder;
  std::vector<std::string> wnids;
  std::vector<int32_t> labels;
  for (size_t label = 0; label < classes.size(); ++label) {
    if (!fs::is_directory(parent / classes[label].wnid)) continue;
    wnids.push_back(classes[label].wnid);
    labels.push_back(options.labels == LabelSource::none ? -1 : static_cast<int32_t>(label));
  }
  fs::path index;
  if (!options.cache_directory.empty()) {
    index = options.cache_directory / (sha256(parent.string()).substr(0, 16) + ".index");
  }
  const std::vector<FolderContent> contents =
      list_folders(parent, wnids, index, options.threads, count);
  for (size_t i = 0; i < wnids.size(); ++i) {
    const std::string name = folder + "/" + wnids[i];
    if (!contents[i].failure.empty()) {
      listing.skipped.push_back({name, format("cannot read the folder: {}", contents[i].failure)});
    }
    for (const FolderFile& file : contents[i].files) {
      ListedImage image;
      image.name = name + "/" + file.name;
      image.label = labels[i];
      image.file = (parent / wnids[i]).string() + "/" + file.name;
      image.file_bytes = file.bytes;
      image.modified = file.modified;
      listing.images.push_back(std::move(image));
    }
  }
}

}  // namespace

bool is_imagenet(const fs::path& path) {
  return !folders_of(path, Split::all).empty();
}

bool imagenet_has_split(const fs::path& path) {
  return folders_of(path, Split::all).size() == 2;
}

Listing list_imagenet(const fs::path& path, const LoadOptions& options, FileCount& count) {
  const bool whole = options.subset.empty();
  const std::vector<SubsetClass> classes =
      whole ? all_classes(path) : read_imagenet_subset(options.subset);
  Listing listing;
  listing.root = path;
  if (options.labels != LabelSource::none) {
    for (const SubsetClass& one : classes) listing.class_names.push_back(one.name);
  }
  // Those of the other split, too, whose images are loaded after the work on these.
  for (const std::string& folder : folders_of(path, Split::all)) {
    if (!whole) require_all(path / folder, classes, options.subset);
  }
  for (const std::string& folder : folders_of(path, options.split)) {
    if (!fs::is_directory(path / folder)) {
      fail_usage("{} must hold {}. It does not exist.", path.string(), folder);
    }
    append_folder(listing, folder, classes, options, count);
  }
  return listing;
}

}  // namespace nolabel
