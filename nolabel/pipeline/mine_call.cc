#include "nolabel/pipeline/mine_call.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/output_place.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/run/mined_features.h"

namespace nolabel {
namespace {

nlohmann::json by_k_json(const std::map<int, double>& by_k) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [k, value] : by_k) json[std::to_string(k)] = value;
  return json;
}

}  // namespace

void declare(SettingTables& tables, MineRequest& request) {
  declare_run(tables, request.run);
  declare(tables, request.subject);
  declare_consent(tables.options, request.run.compute);
  tables.options.add("save_features", &request.save_features,
                     "also write the mined features [N,D] to this .npy file", Effect::none);
  tables.options.add("before_head", &request.before_head,
                     "mine on the backbone's features, not on the embeddings behind a projection "
                     "head (published for MoCo)");
  declare(tables.settings, request.settings);
  declare_evaluation(tables.settings, request.subject.evaluation);
  declare_config(tables, request.run);
  tables.settings.published("precision", "fp32");
}

nlohmann::json mine_json(const MineOutcome& outcome) {
  const MinedTables& tables = outcome.tables;
  nlohmann::json json = {{"images", tables.images},
                         {"neighbors", tables.neighbors},
                         {"backbone_labels", outcome.backbone_labels}};
  if (tables.recall) json["recall"] = *tables.recall;
  if (tables.validation_recall) json["validation_recall"] = *tables.validation_recall;
  if (!tables.accuracy.empty()) json["neighbor_accuracy"] = by_k_json(tables.accuracy);
  if (!tables.validation_accuracy.empty()) {
    json["validation_neighbor_accuracy"] = by_k_json(tables.validation_accuracy);
  }
  return json;
}

void settle_search(MineSettings& settings) {
  require_search(settings);
  settings.advice = search_advice(settings);
}

MineOutcome mine_subject(const RunDirectory& run, const Subject& subject, bool before_head,
                         const MineSettings& settings, const Environment& environment) {
  const auto mined = [&subject, before_head](const SubjectSplit& split) {
    MinedFeatures made_of{.backbone_hash = subject.backbone_hash, .before_head = before_head};
    if (!before_head || !split.averaged.defined()) {
      return MinedImages{before_head ? split.features : split.mined, split.labels, made_of.text()};
    }
    made_of.averaged_views = split.averaged_views;
    made_of.views = split.views;
    return MinedImages{split.averaged, split.labels, made_of.text()};
  };
  MineSettings settled_settings = settings;
  const bool behind_head = subject.backbone.head && !before_head;
  settled_settings.normalization = settled(settings.normalization, !behind_head);
  return {.tables = run_mine(run, mined(subject.train), mined(subject.validation_or_train()),
                             settled_settings, subject.data_fingerprint, environment),
          .train_table = run.train_neighbors(),
          .validation_table = run.validation_neighbors(),
          .backbone = subject.backbone.origin,
          .backbone_labels = subject.backbone.labels,
          .has_validation = subject.validation.has_value()};
}

MineOutcome mine(SettingTables& tables, MineRequest& request, const Observer& observer) {
  settle_search(request.settings);
  if (!request.save_features.empty()) check_output(request.save_features);
  settle_config(tables, request.run, Setup::any, observer);
  OpenRun open(tables, request.run, Opening::make, observer);
  note_deviations(tables, Setup::moco, open.environment);  // which mines, too
  const Subject subject =
      load_subject(tables, request.run, request.subject,
                   asked_views(tables, request.subject.image_size, request.subject.evaluation),
                   BackboneOfScan::never, open.run, open.environment);
  MineOutcome outcome =
      mine_subject(open.run, subject, request.before_head, request.settings, open.environment);
  remember_computation(open.run, tables, request.run, open.environment);
  open.run.save();
  if (!request.save_features.empty()) {
    const SubjectSplit& split = subject.train;
    write_npy(request.save_features, to_matrix(request.before_head ? split.features : split.mined));
  }
  return outcome;
}

}  // namespace nolabel
