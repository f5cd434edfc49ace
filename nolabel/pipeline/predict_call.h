// Assigns new images to the clusters of a run's model, as one call.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/config/tables.h"
#include "nolabel/pipeline/predict.h"
#include "nolabel/pipeline/sorted_folder.h"
#include "nolabel/run/environment.h"

namespace nolabel {

struct PredictRequest {
  std::string run;                  // a run directory with a finished model, or a weights file
  std::vector<std::string> images;  // pictures, folders, list files, CIFAR
  std::string model = "final";      // scan, selflabel, or final: the one that the run chose
  int image_size = 0;               // side of the views in pixels; 0: what the model was trained on
  PredictSettings settings;
  std::string features, paths;     // embeddings instead of images, as `cluster` takes them
  std::string sort_into;           // folder; empty: nothing is sorted
  bool copy = false;               // copies instead of links there
  bool relative_links = false;     // links that name the images from where they stand
  std::string save_probabilities;  // .npy file; empty: none
  ComputeSettings compute;
};
void declare(SettingTables& tables, PredictRequest& request);

// A model with what its run remembers of how it computes and sees pixels.
struct PredictionModel {
  Environment environment;
  TrainedModel trained;
  PredictSettings settings;
};
// Opens the model of the request. Precision and the form of pixels are those of the run where the
// user left them unset, so that a run's own images get the probabilities that the run gave them.
// Throws Error(Fault::usage) when there is no such model, and without `features` when the model has
// no network for images.
PredictionModel open_prediction_model(SettingTables& tables, PredictRequest& request,
                                      const Observer& observer);

struct PredictOutcome {
  Prediction prediction;
  std::string model;                   // "consensus", "scan" …, or the name of the weights file
  std::optional<SortedCounts> sorted;  // with sort_into
};

// Throws Error: usage, data, system, stopped.
PredictOutcome predict(SettingTables& tables, PredictRequest& request, const Observer& observer);

}  // namespace nolabel
