// A finished clustering model of a run, ready to assign images to clusters.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "nolabel/augment/recipe.h"
#include "nolabel/base/npy.h"
#include "nolabel/data/dataset.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/cluster_inputs.h"

namespace nolabel {

struct TrainedModel {
  Model model;
  int head = 0;
  ViewRecipe evaluation;  // the view that the model takes
  std::string stage;      // "scan" or "selflabel"
};

// `stage`: "scan", "selflabel", or "final" for the one that the run chose. Throws
// Error(Fault::usage) when the run has no such model.
TrainedModel load_trained_model(const std::filesystem::path& run, const std::string& stage,
                                const Environment& environment);

struct Evaluation {
  Matrix<float> features;       // [N,D] of the backbone
  Matrix<float> probabilities;  // [N,C] by the model's chosen head
};
Evaluation evaluate(TrainedModel& trained, const ClusterInputs& inputs);

// run.json's "backbone": everything that rebuilds the network and its views around saved weights.
nlohmann::json describe_backbone(const Backbone& backbone);
// The backbone without weights that run.json describes. Throws Error(Fault::data) when it does not.
Backbone described_backbone(const nlohmann::json& description);

}  // namespace nolabel
