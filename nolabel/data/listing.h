// What a source found before any pixel is decoded: the contract between the readers of one format
// each (folder.cc, list_file.cc, cifar_*.cc) and pack.cc, which reads the pixels.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/base/file.h"
#include "nolabel/data/dataset.h"
#include "nolabel/data/file_count.h"
#include "nolabel/data/source.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// Pixels that a source has read already: red, green and blue planes [3,side,side], uint8, owned by
// Listing::storage.
struct Planes {
  const uint8_t* bytes = nullptr;
  int side = 0;
  bool by_columns = false;           // within a plane x counts slower than y
  const MappedFile* file = nullptr;  // which maps them; nullptr: they are in memory

  explicit operator bool() const { return bytes != nullptr; }
  size_t size() const { return size_t{3} * side * side; }
};

struct ListedImage {
  std::string name;  // relative to Listing::root, or "batch:index"
  int32_t label = -1;
  bool unlabeled = false;  // of a part of the data set that is published without labels
  std::string file;        // not a path, which would keep its parts too: there may be a million
  // Of `file`: with the name they tell whether a cache is still good.
  uint64_t file_bytes = 0;
  int64_t modified = 0;  // nanoseconds
  Planes planes;         // when unset, `file` is a picture to decode
};

struct Listing {
  std::string source;               // the paths that were given, one a line
  std::filesystem::path root;       // empty when the images are no files
  std::vector<ListedImage> images;  // in the order of the data set
  std::vector<std::string> class_names;
  bool labels_from_folders = false;   // the classes are names of folders
  std::vector<SkippedImage> skipped;  // what could not even be listed
  std::vector<std::shared_ptr<const void>> storage;
  // What the user is told of the source, a line each: what was taken for what, what is left out.
  std::vector<std::string> notes, warnings;
};

// Sets file_bytes and modified. False when the file cannot be looked at; both are then 0, and
// reading the file will say why.
bool look_at_file(ListedImage& image);

// Throws Error(Fault::usage) when train or test images are asked of a source that has no split.
void require_no_split(const std::filesystem::path& path, const LoadOptions& options);

// What all the paths hold together, in their order. Errors as load_images().
Listing list_images(const std::vector<std::filesystem::path>& paths, const LoadOptions& options,
                    const Observer& observer);

// One format. `recognises` only looks at names; `list` may throw what load_images() may, and counts
// the files that it finds one by one.
struct Source {
  const char* name;
  bool (*recognises)(const std::filesystem::path& path);
  bool (*has_split)(const std::filesystem::path& path);
  Listing (*list)(const std::filesystem::path& path, const LoadOptions& options, FileCount& count);
  bool has_unlabeled = false;  // LoadOptions::unlabeled can be asked of it
  bool has_subsets = false;    // and LoadOptions::subset
};

bool is_cifar_pickle(const std::filesystem::path& path);
Listing list_cifar_pickle(const std::filesystem::path& path, const LoadOptions& options,
                          FileCount& count);

bool is_cifar_binary(const std::filesystem::path& path);
Listing list_cifar_binary(const std::filesystem::path& path, const LoadOptions& options,
                          FileCount& count);

bool is_stl10(const std::filesystem::path& path);
Listing list_stl10(const std::filesystem::path& path, const LoadOptions& options, FileCount& count);

bool is_imagenet(const std::filesystem::path& path);
bool imagenet_has_split(const std::filesystem::path& path);
Listing list_imagenet(const std::filesystem::path& path, const LoadOptions& options,
                      FileCount& count);

bool is_folder(const std::filesystem::path& path);
bool folder_has_split(const std::filesystem::path& path);
Listing list_folder(const std::filesystem::path& path, const LoadOptions& options,
                    FileCount& count);

bool is_list_file(const std::filesystem::path& path);
Listing list_list_file(const std::filesystem::path& path, const LoadOptions& options,
                       FileCount& count);

bool is_picture(const std::filesystem::path& path);
Listing list_picture(const std::filesystem::path& path, const LoadOptions& options,
                     FileCount& count);

}  // namespace nolabel
