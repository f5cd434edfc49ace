// Where images come from: folders of pictures, list files, CIFAR in its published formats.
//
// load_images() looks at what `path` is and reads it; a further format is one new file with one
// function and one line in the table in source.cc.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/data/dataset.h"
#include "nolabel/record/observer.h"

namespace nolabel {

enum class Split { train, test, all };
enum class LabelSource {
  automatic,  // folder names, when every picture lies in a first-level folder; else none
  folders,
  none,
};

struct LoadOptions {
  Split split = Split::all;
  LabelSource labels = LabelSource::automatic;
  // Pictures are stored with their short side resized to this many pixels when it is longer
  // (antialiased); 0 keeps them as they are.
  int short_side = 256;
  // JPEGs much larger than that are decoded at a reduced DCT scale (own photos, never a published
  // config).
  bool reduced_decode = true;
  // Pixels kept in memory; beyond it they go to a packed cache file under `cache_directory`, mapped
  // (and reused by the next run while the files' names, sizes and times stay the same).
  int64_t memory_bytes = int64_t{2} << 30;
  std::filesystem::path cache_directory;
  // A file that cannot be read as an image ends the run instead of being skipped.
  bool strict = false;
  int threads = 1;
};

struct LoadedImages {
  Dataset dataset;
  std::vector<SkippedImage> skipped;  // in order of name
  // Groups of byte-identical files (indices into the data set), each with 2 or more.
  std::vector<std::vector<int64_t>> duplicates;
};

// Throws Error(Fault::usage) when a path does not exist or a list file is malformed (file:line),
// Error(Fault::data) when no image is left, Error(Fault::stopped) on request.
LoadedImages load_images(const std::vector<std::filesystem::path>& paths,
                         const LoadOptions& options, const Observer& observer);

}  // namespace nolabel
