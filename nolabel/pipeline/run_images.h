// The images of a run: what to train on, and what to validate on.
#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "nolabel/data/source.h"
#include "nolabel/pipeline/environment.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel {

struct RunImages {
  Dataset train;
  // Test images of the source, or held out; when there are neither, stages validate on `train`.
  std::optional<Dataset> validation;
  std::filesystem::path root;  // see LoadedImages
  std::vector<SkippedImage> skipped;
  int64_t duplicates = 0;  // images that are byte-identical to an earlier one

  const Dataset& validation_or_train() const { return validation ? *validation : train; }
  // Fingerprints of both, for Provenance::data.
  std::string fingerprint() const;
};

// The settings that decide which images and labels a run has; run.json remembers them.
inline constexpr std::array remembered_data_settings{"labels", "coarse", "hold_out"};
// What run.json says of the data: {"data": [absolute paths], "labels": …}.
nlohmann::json describe_data(const std::vector<std::filesystem::path>& paths,
                             const DataSettings& settings);

// Reads the images for views of image_size pixels (stored with a short side of image_size * 8/7,
// as ImageNet's 256 for 224, unless they are smaller). Skipped files are listed in
// `directory`/skipped.csv and counted aloud, duplicates too. Errors as load_images().
RunImages load_run_images(const std::vector<std::filesystem::path>& paths,
                          const DataSettings& settings, int image_size,
                          const std::filesystem::path& directory, const Environment& environment);

}  // namespace nolabel
