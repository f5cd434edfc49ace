// Settings of the images: which ones there are, which labels they have, how they are kept.
#pragma once

#include <array>
#include <string>

#include "nolabel/config/schema.h"
#include "nolabel/data/source.h"

namespace nolabel {

// Of images that do not fit into the memory.
struct CacheSettings {
  std::string directory;  // empty: the command's own place
  CacheFormat format = CacheFormat::raw;
};

// Of near-duplicates (screening.h).
enum class Duplicates {
  group,  // one image of each group trains, and the others take its cluster
  keep,   // every image trains, as published; only exact copies are listed
};

struct DataSettings {
  LabelSource labels = LabelSource::automatic;
  bool coarse = false;     // CIFAR-100: the 20 superclasses
  std::string subset;      // ImageNet: which classes (LoadOptions::subset)
  bool unlabeled = false;  // STL-10: the pretext trains on the unlabeled images, too
  double hold_out = 0;     // share that becomes the validation split of data without one
  // Draws the images that are set aside; -1: the seed of the command that first sets them aside.
  int64_t split_seed = -1;
  Duplicates duplicates = Duplicates::group;
  int memory_mb = 2048;  // pixels kept in memory
  CacheSettings cache;
  bool strict = false;
  bool reduced_decode = true;  // JPEGs much larger than needed are decoded at a reduced scale
};

// Those that decide which images, pixels and labels a run has: the run remembers them.
inline constexpr std::array remembered_data_settings{"labels",         "coarse",     "subset",
                                                     "hold_out",       "split_seed", "cache_format",
                                                     "reduced_decode", "duplicates"};

// `otherwise` says where the command keeps images when the user names no directory.
void declare(Schema& schema, CacheSettings& settings, const std::string& otherwise);
void declare(Schema& schema, DataSettings& settings);

}  // namespace nolabel
