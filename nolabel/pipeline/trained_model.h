// A finished clustering model of a run, ready to assign images to clusters.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/augment/recipe.h"
#include "nolabel/base/npy.h"
#include "nolabel/cluster/head_selection.h"
#include "nolabel/data/dataset.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/cluster_inputs.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

struct TrainedModel {
  Model model;             // with every head of its file
  int head = 0;            // the best of them
  ViewRecipe evaluation;   // the view that the model takes
  PictureSize pictures{};  // how pictures are kept for it
  std::string labels;      // whose took part in the backbone's training (Backbone::labels)
  std::string stage;       // "consensus", "scan" … (run_state.h, ClusterStage)
  // [C] of the chosen model of a run; empty for another: its clusters are 0..C-1, without names.
  std::vector<ClusterIdentity> identities{};
};

// The chosen clustering model, "consensus", "scan" …, as the run chose it. Where the run
// has not chosen (a run of the published program), it is the self-labelled one if there is one.
// Throws Error(Fault::usage) when `run` has none.
std::string chosen_stage(const std::filesystem::path& run);
std::string chosen_stage(const RunDirectory& run);

// `stage`: "consensus", "scan" … (run_state.h), or "final" for chosen_stage(). image_size: as for
// load_backbone(). `run` may also be a weights file, which is one model ("final"). Throws
// Error(Fault::usage) when there is no such model, or when it does not follow the edits that a
// person has made since (edited_stage.h).
TrainedModel load_trained_model(const std::filesystem::path& run, const std::string& stage,
                                int image_size, const Environment& environment);

// The clustering model of these weights, of which `best_head` counts, on the backbone of the same
// file, whose name is its `stage`. Where the file does not state which of several heads is the
// best, the first is taken, with a note. Throws Error(Fault::data) when it has no such cluster
// head.
TrainedModel clustering_model_of(const StateDict& state, std::optional<int> best_head,
                                 const Backbone& backbone, const Environment& environment);
// Throws Error(Fault::usage) for the checkpoint of a training whose heads learn from shifted
// features.
void require_fitting_heads(const WeightsInFile& weights, const std::filesystem::path& file);

// The same for pixels: throws Error(Fault::usage) when the run was made from features, whose model
// has no backbone, and as BackboneProgram::require_runnable() when its backbone is a program.
TrainedModel load_image_model(const std::filesystem::path& run, const std::string& stage,
                              int image_size, const Environment& environment);

// The best head of a file; the first where the file does not say, which is noted when it has
// several.
int counting_head(std::optional<int> best_head, int heads, const std::filesystem::path& file,
                  const Observer& observer);

// SCAN's state with only its best head, named cluster_head.0.
StateDict best_head_state(const WeightsInFile& scan);
// cluster_count() of the weights in `file`. Throws Error(Fault::data) when they have no cluster
// head.
int required_cluster_count(const StateDict& state, const std::filesystem::path& file);

struct Evaluation {
  Matrix<float> features;       // [N,D] of the backbone
  Matrix<float> probabilities;  // [N,C] by the model's chosen head
};
Evaluation evaluate(TrainedModel& trained, const ClusterInputs& inputs, const Observer& observer);

// What SCAN chose its head by (cluster/head_selection.h), of every head of the model, on these
// images: features [N,D] of its backbone, neighbors [N,k+1].
std::vector<HeadScore> score_heads(TrainedModel& trained, const Matrix<float>& features,
                                   const Matrix<int64_t>& neighbors);

}  // namespace nolabel
