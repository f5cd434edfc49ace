// Clusters of new features by a model that was made from features.
#pragma once

#include <filesystem>

#include "nolabel/pipeline/predict.h"

namespace nolabel {

// `features`: .npy or .npz [N,D], of the network that made the run's features. `paths`: a list file
// that names the rows (path[,label]), or empty; rows are then called 0, 1 … Where every name is a
// file, relative to the list file or absolute, the result has `files`, so that sort_into() works.
// Throws Error(Fault::usage) when the run was made from images, when the model takes another number
// of values per row, or when the names are not as many as the rows; Error(Fault::data) as
// read_features().
Prediction predict_features(TrainedModel& trained, const std::filesystem::path& features,
                            const std::filesystem::path& paths, const Observer& observer);

}  // namespace nolabel
