// The images of a run: what to train on, and what to validate on.
#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "nolabel/data/source.h"
#include "nolabel/pipeline/environment.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel {

struct RunImages {
  Dataset train;
  // Test images of the source, or held out; when there are neither, stages validate on `train`.
  std::optional<Dataset> validation;
  // What the pretext trains on, when it is more than `train`: STL-10's unlabeled images follow.
  std::optional<Dataset> pretext;
  std::filesystem::path root;  // see LoadedImages
  std::vector<SkippedImage> skipped;

  const Dataset& validation_or_train() const { return validation ? *validation : train; }
  const Dataset& pretext_or_train() const { return pretext ? *pretext : train; }
  // Fingerprints of both, for Provenance::data.
  std::string fingerprint() const;
  // The same of what the pretext sees.
  std::string pretext_fingerprint() const;
};

// The settings that decide which images and labels a run has; run.json remembers them.
inline constexpr std::array remembered_data_settings{"labels", "coarse", "subset", "hold_out",
                                                     "cache_format"};
// What run.json says of the data: {"data": [absolute paths], "labels": …}.
nlohmann::json describe_data(const std::vector<std::filesystem::path>& paths,
                             const DataSettings& settings);

enum class Side { train, validation };

// Only the images of one side (validation: those of training when there are no others), as `train`
// of the result. As load_run_images() otherwise.
RunImages load_side(const std::vector<std::filesystem::path>& paths, const DataSettings& settings,
                    const PictureSize& pictures, Side side, const std::filesystem::path& directory,
                    const Environment& environment);

// Reads the images and keeps them at this size. Skipped files are
// listed in `directory`/skipped.csv, byte-identical ones in duplicates.csv (path,same_as), and both
// are counted aloud. Errors as load_images(), and Error(Fault::usage) when hold_out leaves fewer
// than 2 images on a side.
RunImages load_run_images(const std::vector<std::filesystem::path>& paths,
                          const DataSettings& settings, const PictureSize& pictures,
                          const std::filesystem::path& directory, const Environment& environment);

}  // namespace nolabel
