// Where images come from: folders of pictures, list files, and CIFAR, STL-10 and ImageNet in their
// published formats.
//
// load_images() looks at what each path is and reads it; a further format is one new file with its
// functions and one line in the table in source.cc.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/data/dataset.h"
#include "nolabel/data/duplicates.h"
#include "nolabel/image/picture_size.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// The published split of CIFAR, STL-10 and ImageNet, or the sub-folders `train` and `test` (or
// `val`, `valid`, `validation`; any case; `training_set` …) of a folder, whose classes are then the
// level below; `all` is both of them, and nothing beside them. Other sources have no split of their
// own: load `all`, then hold_out() of split.h.
enum class Split { train, test, all };
enum class LabelSource {
  automatic,  // folder names, when every picture lies in a first-level folder; else none. Where all
              // lie in one folder that has sub-folders, it is the level below
  folders,    // the same, but a picture outside of a folder is an error
  none,
};

// What the pixels of a data set are. `compressed` ones went through JPEG of quality 95 (a fifth of
// the bytes, levels that differ by about one): in memory too, so that a result does not depend on
// where they were kept.
enum class CacheFormat { raw, compressed };

// Some of the images that load_images() reads, spread over all and read before the others.
struct SampledImages {
  Dataset images;              // as they will be kept, without labels
  std::filesystem::path root;  // as LoadedImages::root
  int64_t total = 0;           // about how many images there will be
  double seconds_each = 0;     // to read one, by all threads of this process together
  double seconds_left = 0;     // to read the others
};

// Told while pictures are read; nothing where a packed cache holds them. May throw.
struct ReadingWatch {
  std::function<void(const SampledImages&)> sampled;   // once
  std::function<void(double seconds_left)> proceeded;  // now and then afterwards
};

class ReadingHelp;  // reading_help.h

// What the pixels of one picture depend on, beside its file.
struct ReadingOptions {
  PictureSize pictures;
  // JPEGs much larger than that are decoded at a reduced DCT scale (own photos, never a published
  // config).
  bool reduced_decode = true;
  CacheFormat cache_format = CacheFormat::raw;
};

struct LoadOptions : ReadingOptions {
  Split split = Split::all;
  // For folders. List files and published data sets carry their labels, which `none` ignores.
  LabelSource labels = LabelSource::automatic;
  // CIFAR-100 only: the 20 superclasses, in their published (alphabetical) order.
  bool coarse = false;
  // STL-10 with Split::train only: its unlabeled images follow the train images.
  bool unlabeled = false;
  // ImageNet only: imagenet_50, imagenet_100, imagenet_200 or a file of lines `wnid class name`, in
  // the order of the labels. Empty: all classes, sorted by wnid.
  std::string subset;
  // Pixels kept in memory; beyond it they go to a packed cache file under `cache_directory`, mapped
  // (and reused by the next run while the files' names, sizes and times stay the same).
  int64_t memory_bytes = int64_t{2} << 30;
  std::filesystem::path cache_directory;
  // Images that fit into the memory go to a packed cache, too, when decoding them took so long.
  double seconds_worth_keeping = 10;
  // A file that cannot be read as an image ends the run instead of being skipped.
  bool strict = false;
  int threads = 1;
  // Other processes that read pictures, too. The result does not depend on them. Null: none.
  std::shared_ptr<ReadingHelp> help;
  ReadingWatch watch;
};

struct LoadedImages {
  Dataset dataset;
  // So many images at the end of the data set are the unlabeled ones that were asked for.
  int64_t unlabeled = 0;
  // True when the labels are the names of folders that nolabel took for classes. False for labels
  // of list files and of published data sets, and where there are none.
  bool labels_from_folders = false;
  // The file of image i is root / name(i). Empty for CIFAR and STL-10, whose images are no files.
  // With several paths it is the deepest folder that holds them all.
  std::filesystem::path root;
  std::vector<SkippedImage> skipped;  // in order of name
  std::vector<ContentId> contents;    // [N]
};

// Each path is a folder of pictures, a picture, a list file (list_table.h) or a folder with
// CIFAR-10, CIFAR-100, STL-10 or ImageNet. A folder is searched to its depth and links are
// followed. Hidden files, bins and thumbnails of systems (system_files.h) and folders that nolabel
// wrote (own_folder.h) are left out. Pictures are known by their extension; only where no file has
// one, by their content. A folder's pictures are in bytewise order of their names, a list's and a
// published data set's in theirs; several paths follow one another, and a file that two of them
// name is taken once.
//
// The observer is told, in a line each, what was taken for the split and for the labels and what
// was left out, except while the test images alone are loaded.
//
// Throws Error(Fault::usage) when a path does not exist or is a run directory, a list file is
// malformed (file:line) or what is asked for (a split, unlabeled images) does not exist,
// Error(Fault::data) when no image is left, Error(Fault::stopped) on request.
LoadedImages load_images(const std::vector<std::filesystem::path>& paths,
                         const LoadOptions& options, const Observer& observer);

// Throws Error(Fault::usage) for the first path that does not exist or is none of these.
void check_sources(const std::vector<std::filesystem::path>& paths);

// The folders with pictures that the split of `path` leaves out: those beside train and test. Empty
// when it is no folder with a split.
std::vector<std::string> folders_beside_split(const std::filesystem::path& path);

// True when every path has train and test images of its own (see Split).
bool has_split(const std::vector<std::filesystem::path>& paths);

}  // namespace nolabel
