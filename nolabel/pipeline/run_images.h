// The images of a run: the train split and the validation split.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "nolabel/data/settings.h"
#include "nolabel/data/source.h"
#include "nolabel/data/split.h"
#include "nolabel/pipeline/collection_changes.h"
#include "nolabel/pipeline/images_ahead.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/pipeline/run_screening.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/run/artifact.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/image_list.h"

namespace nolabel {

struct RunImages {
  Dataset train;
  // The test or validation images of the source, or those that hold_out sets aside. Without either,
  // stages validate on `train`.
  std::optional<Dataset> validation;
  // What the pretext trains on, when it is not `train`: STL-10's unlabeled images follow, or only
  // one image of each group of near-duplicates is there.
  std::optional<Dataset> pretext;
  std::filesystem::path root;  // see LoadedImages
  std::vector<SkippedImage> skipped;
  bool labels_from_folders = false;  // see LoadedImages
  ImageList list{};                  // the training images, then the validation images
  bool grouped = false;              // Duplicates::group: not all of `train` train
  Screening screening{};             // of `list`; none where one split was loaded alone

  // How many of `train` train: near-duplicates and images that show nothing do not. Features may
  // still tell some apart (training_images.h).
  int64_t trained() const {
    return grouped ? std::ssize(training_images(screening, train.size())) : train.size();
  }
  const Dataset& validation_or_train() const { return validation ? *validation : train; }
  const Dataset& pretext_or_train() const { return pretext ? *pretext : train; }
  // Fingerprints of both, for Provenance::data.
  std::string fingerprint() const;
  // The same of what the pretext sees.
  std::string pretext_fingerprint() const;
};

// hold_out() of `count` images by hold_out and split_seed of `settings`. Throws Error(Fault::usage)
// when it leaves fewer than 2 in a split.
HoldOut checked_hold_out(int64_t count, const DataSettings& settings);
// The same without separating a group (hold_out()).
HoldOut checked_hold_out(const std::vector<int64_t>& group, const DataSettings& settings);

// How images are loaded by these settings; what does not fit into the memory goes to `cache`.
LoadOptions load_options(const DataSettings& settings, const PictureSize& pictures,
                         const std::filesystem::path& cache, const Environment& environment);

// Only the images of one split (validation: those of training when there are no others), as `train`
// of the result. As load_run_images() otherwise.
RunImages load_split(const std::vector<std::filesystem::path>& paths, const DataSettings& settings,
                     const PictureSize& pictures, RunSplit split,
                     const std::filesystem::path& directory, const Environment& environment);

// Reads the images and keeps them at this size. Lists skipped files in `directory`/skipped.csv and
// groups of copies in duplicates.csv (run_screening.h); notes report the numbers. Errors as
// load_images(), and Error(Fault::usage) when hold_out leaves fewer than 2 images in a split.
// `earlier`: images that the same hold_out has set aside before stay where they are (kept_split.h).
// `watch` may throw.
RunImages load_run_images(const std::vector<std::filesystem::path>& paths,
                          const DataSettings& settings, const PictureSize& pictures,
                          const std::filesystem::path& directory, const Environment& environment,
                          const std::optional<PlacedImages>& earlier = std::nullopt,
                          const LoadingWatch& watch = {});

}  // namespace nolabel
