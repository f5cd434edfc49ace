#include "nolabel/pipeline/trained_model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <ranges>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

fs::path model_file(const fs::path& run, const std::string& stage) {
  return run / stage / "model.pth.tar";
}

std::string chosen_stage(const fs::path& run, const RunState& state) {
  const ClusterStage chosen = state.final_stage.value_or(ClusterStage::selflabel);
  if (fs::exists(model_file(run, stage_name(chosen)))) return stage_name(chosen);
  for (const ClusterStage stage : std::views::reverse(all_cluster_stages)) {
    if (fs::exists(model_file(run, stage_name(stage)))) return stage_name(stage);
  }
  fail_usage("{} must hold a finished clustering model. It does not.", run.string());
}

// A command that a person interrupted may have kept edits which the model does not follow yet.
void require_present_edits(const fs::path& run, const RunState& state, const std::string& stage) {
  const bool is_edited = stage == stage_name(ClusterStage::edited);
  if (is_edited ? is_of_present_edits(run) : follows_edits(run, state)) return;
  fail_usage(
      "the model of {} does not follow the edits that are in force, because they "
      "were changed since. Run `nolabel apply {}`.",
      run.string(), run.string());
}

// The program may have moved since the model was made: a later command then found it where run.json
// says.
void take_present_place(Backbone& backbone, const RunState& known, const Environment& environment) {
  if (!backbone.program || backbone.program->known() != known.backbone.program) return;
  backbone.program = std::make_shared<BackboneProgram>(
      known.backbone.name, backbone.program->known(), program_access(environment));
}

}  // namespace

std::string chosen_stage(const fs::path& run) {
  return chosen_stage(run, read_run_state(run));
}

std::string chosen_stage(const RunDirectory& run) {
  return chosen_stage(run.path(), run.state());
}

int counting_head(std::optional<int> best_head, int heads, const fs::path& file,
                  const Observer& observer) {
  if (!best_head && heads > 1) {
    observer.note(format("{} does not say which of its {} heads is the best: the first is taken",
                         file.string(), heads));
  }
  return best_head.value_or(0);
}

StateDict best_head_state(const WeightsInFile& scan) {
  return with_one_cluster_head(scan.state, scan.best_head.value_or(0));
}

int required_cluster_count(const StateDict& state, const fs::path& file) {
  const int clusters = cluster_count(state);
  if (clusters == 0) {
    fail_data("{} must be a clustering model. It has no cluster head.", file.string());
  }
  return clusters;
}

void require_fitting_heads(const WeightsInFile& weights, const fs::path& file) {
  if (!weights.shifted_heads) return;
  fail_usage(
      "{} is the checkpoint of a training on centered features, so its cluster heads fit no model. "
      "Use model.pth.tar beside it.",
      file.string());
}

TrainedModel load_trained_model(const fs::path& run, const std::string& stage, int image_size,
                                const Environment& environment) {
  const bool is_file = fs::is_regular_file(run);
  if (!is_file && !fs::is_directory(run)) {
    fail_usage("{} must be a run directory or a weights file. It does not exist.", run.string());
  }
  if (is_file && stage != "final") {
    fail_usage("a run directory is required to choose its {} model. {} is a file.", stage,
               run.string());
  }
  const std::string wanted = is_file            ? run.filename().string()
                             : stage == "final" ? chosen_stage(run)
                                                : stage;
  const fs::path file = is_file ? run : model_file(run, wanted);
  if (!fs::exists(file)) {
    fail_usage("{} must hold a finished {} model. It does not.", run.string(), wanted);
  }
  WeightsInFile weights = read_model_weights(file);
  require_fitting_heads(weights, file);
  const StateDict state = weights.state;
  const std::optional<int> best_head = weights.best_head;
  const RunState known = is_file ? RunState() : read_run_state(run);
  Backbone backbone =
      backbone_of(file, std::move(weights), image_size, program_access(environment));
  take_present_place(backbone, known, environment);
  if (!backbone.assumption.empty()) environment.observer.note(backbone.assumption);
  TrainedModel trained = clustering_model_of(state, best_head, backbone, environment);
  trained.stage = wanted;
  if (!is_file) {
    const int clusters = trained.model.settings().clusters;
    if (stage == "final" || wanted == stage_name(ClusterStage::edited)) {
      require_present_edits(run, known, wanted);
      note_waiting_edits(run, known, environment.observer);
    }
    if (known.final_stage && stage_name(*known.final_stage) == wanted) {
      trained.identities = identities_of(known, clusters);
    } else if (known.found && stage_name(known.found->stage) == wanted &&
               std::ssize(known.found->identities) == clusters) {
      trained.identities = known.found->identities;
    }
  }
  return trained;
}

TrainedModel clustering_model_of(const StateDict& state, std::optional<int> best_head,
                                 const Backbone& backbone, const Environment& environment) {
  const int heads = cluster_head_count(state);
  const int head = counting_head(best_head, heads, backbone.file, environment.observer);
  if (head < 0 || head >= std::max(heads, 1)) {
    fail_data("{} must hold its best head, cluster_head.{}. It holds {} heads.",
              backbone.file.string(), head, heads);
  }
  // Given features have no pictures.
  const PictureSize pictures =
      backbone.network.takes_images() ? picture_size(backbone) : PictureSize();
  TrainedModel trained{.model = Model({.kind = ModelSettings::Kind::clustering,
                                       .backbone = backbone.network,
                                       .clusters = required_cluster_count(state, backbone.file),
                                       .heads = heads,
                                       .program = backbone.program},
                                      0, state),
                       .head = head,
                       .evaluation = evaluation_recipe_of(backbone),
                       .pictures = pictures,
                       .labels = backbone.labels,
                       .stage = backbone.file.filename().string()};
  trained.model.place(environment.device, environment.precision);
  trained.model.load_state_dict(state);
  return trained;
}

TrainedModel load_image_model(const fs::path& run, const std::string& stage, int image_size,
                              const Environment& environment) {
  TrainedModel trained = load_trained_model(run, stage, image_size, environment);
  if (!trained.model.settings().backbone.takes_images()) {
    fail_usage("a run made from images is required. {} was made from features.", run.string());
  }
  if (const auto& program = trained.model.settings().program) program->require_runnable();
  return trained;
}

Evaluation evaluate(TrainedModel& trained, const ClusterInputs& inputs, const Observer& observer) {
  const c10::NoGradGuard no_grad;
  const at::Tensor features = inputs.final_features(trained.model, trained.stage, observer);
  const at::Tensor logits = trained.model.logits(features.to(trained.model.device()), trained.head);
  return {to_matrix(features), to_matrix(logits.to(at::kFloat).softmax(1))};
}

std::vector<HeadScore> score_heads(TrainedModel& trained, const Matrix<float>& features,
                                   const Matrix<int64_t>& neighbors) {
  // Only read, which at::from_blob cannot say.
  const at::Tensor rows = at::from_blob(const_cast<float*>(features.row(0)),
                                        {features.rows, features.columns}, at::kFloat);
  return score_heads(trained.model, rows, neighbors);
}

}  // namespace nolabel
