#include "nolabel/pipeline/trained_model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/run_directory.h"
#include "nolabel/pipeline/scan_stage.h"

namespace nolabel {

nlohmann::json describe_backbone(const Backbone& backbone) {
  return {{"kind", static_cast<int>(backbone.settings.kind)},
          {"stem", static_cast<int>(backbone.settings.stem)},
          {"width", backbone.settings.width},
          {"stem_stride", backbone.settings.stem_stride},
          {"image_size", backbone.image_size},
          {"mean", backbone.normalize.mean},
          {"std", backbone.normalize.std},
          {"origin", backbone.origin}};
}

Backbone described_backbone(const nlohmann::json& description) try {
  Backbone backbone;
  backbone.settings = {.kind = static_cast<BackboneKind>(description.at("kind").get<int>()),
                       .stem = static_cast<Stem>(description.at("stem").get<int>()),
                       .width = description.at("width"),
                       .stem_stride = description.at("stem_stride")};
  backbone.image_size = description.at("image_size");
  backbone.normalize = {description.at("mean").get<std::vector<float>>(),
                        description.at("std").get<std::vector<float>>()};
  backbone.origin = description.at("origin");
  return backbone;
} catch (const nlohmann::json::exception&) {
  fail_data("run.json must describe the backbone as nolabel wrote it. It does not.");
}

TrainedModel load_trained_model(const std::filesystem::path& run, const std::string& stage,
                                const Environment& environment) {
  const nlohmann::json description = read_run_description(run);
  const std::string wanted = stage == "final" ? description.value("final", "") : stage;
  const std::filesystem::path file = run / wanted / "model.pth.tar";
  if (wanted.empty() || !std::filesystem::exists(file) || !description.contains("backbone")) {
    fail_usage("{} must hold a finished {} model. It does not.", run.string(),
               stage == "final" ? "clustering" : stage);
  }
  const Backbone backbone = described_backbone(description["backbone"]);
  const WeightsInFile weights = read_model_weights(file);
  const StateDict state = best_head_state(weights);
  int clusters = 0;
  for (const NamedTensor& entry : state) {
    if (entry.name == "cluster_head.0.bias") clusters = static_cast<int>(entry.tensor.size(0));
  }
  if (clusters == 0) fail_data("{} must be a clustering model. It has no head.", file.string());

  TrainedModel trained{.model = Model({.kind = ModelSettings::Kind::clustering,
                                       .backbone = backbone.settings,
                                       .clusters = clusters,
                                       .heads = 1},
                                      0),
                       .head = 0,
                       .evaluation = {},
                       .stage = wanted};
  trained.model.place(environment.device, environment.precision);
  trained.model.load_state_dict(state);
  ViewSettings views;
  views.evaluation_crop_size = backbone.image_size;
  views.evaluation_normalize = backbone.normalize;
  trained.evaluation = evaluation_recipe(views);
  return trained;
}

Evaluation evaluate(TrainedModel& trained, const ClusterInputs& inputs) {
  const c10::NoGradGuard no_grad;
  const at::Tensor features = inputs.features(trained.model);
  const at::Tensor logits = trained.model.logits(features.to(trained.model.device()), trained.head);
  return {to_matrix(features), to_matrix(logits.to(at::kFloat).softmax(1))};
}

}  // namespace nolabel
