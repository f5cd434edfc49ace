// Clusters of new images by a finished model.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/data/settings.h"
#include "nolabel/data/source.h"
#include "nolabel/evaluate/assignments.h"
#include "nolabel/pipeline/trained_model.h"

namespace nolabel {

struct Prediction {
  std::vector<std::string> names;            // [N] as assignments.csv has them
  std::vector<std::filesystem::path> files;  // [N]; empty when the images are no files (CIFAR)
  std::string no_file;                       // of features: the first name that is no file
  std::vector<Assignment> assignments;       // [N]
  Matrix<float> probabilities;               // [N,C]
  std::vector<ClusterIdentity> identities;   // of the C clusters; as TrainedModel has them
  std::vector<SkippedImage> skipped;
  std::vector<ContentId> contents{};  // [N] of the images
};

struct PredictSettings {
  bool strict = false;         // a file that cannot be read as an image is an error
  int memory_mb = 2048;        // pixels kept in memory; more goes to a file
  CacheSettings cache;         // its directory empty: a temporary one
  bool reduced_decode = true;  // as DataSettings has it
};

// Pictures, folders, list files or CIFAR. Unreadable ones are skipped and told to the observer.
// Errors as load_images().
Prediction predict(TrainedModel& trained, const std::vector<std::filesystem::path>& images,
                   const PredictSettings& settings, const Environment& environment);

// The cluster of `assignment` and the one after it by their ids.
Assignment with_ids(const Assignment& assignment, const std::vector<ClusterIdentity>& identities);

enum class PredictionFormat { csv, json_lines };
// assignments.csv's columns without the status, or one object per line with the same names, whose
// paths are as base/path_text.h writes them.
std::string prediction_text(const Prediction& prediction, PredictionFormat format);

}  // namespace nolabel
