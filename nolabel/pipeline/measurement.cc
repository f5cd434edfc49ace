#include "nolabel/pipeline/measurement.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/run_clusterings.h"
#include "nolabel/pipeline/run_report.h"
#include "nolabel/pipeline/yardstick.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

nlohmann::json to_json(const std::vector<HeadScore>& heads) {
  nlohmann::json list = nlohmann::json::array();
  for (const HeadScore& head : heads) {
    list.push_back(
        {{"entropy", head.entropy}, {"consistency", head.consistency}, {"total", head.total}});
  }
  return list;
}

void save(const Measurement& measurement, const MeasurementFiles& files) {
  if (!files.save_features.empty()) write_npy(files.save_features, measurement.features);
  if (!files.save_probabilities.empty()) {
    write_npy(files.save_probabilities, measurement.probabilities);
  }
}

}  // namespace

nlohmann::json measurement_json(const Measurement& measurement) {
  nlohmann::json json = figures_json(measurement.figures);
  json["model"] = path_to_json(fs::absolute(measurement.model));
  json["data"] = measurement.data;
  json["backbone_labels"] = measurement.backbone_labels;
  if (!measurement.heads.empty()) {
    json["head"] = measurement.head;
    json["heads"] = to_json(measurement.heads);
  }
  return json;
}

fs::path write_metrics(const fs::path& directory, const nlohmann::json& result) {
  const fs::path file = directory / "metrics.json";
  constexpr auto lenient = nlohmann::json::error_handler_t::replace;  // class names are any bytes
  write_file(file, result.dump(2, ' ', false, lenient) + "\n");
  return file;
}

Measurement measure(TrainedModel& trained, const fs::path& model, const Subject& subject,
                    const SubjectSplit& split, const ClusterInputs& inputs,
                    const MeasurementTables& tables, const MeasurementFiles& files,
                    const Environment& environment) {
  Evaluation evaluation = evaluate(trained, inputs, environment.observer);
  const Matrix<float> yardstick =
      to_matrix(centered_unit_rows(split.features));  // as in cluster's summary
  Measurement measured;
  measured.model = model;
  measured.data = split.dataset ? split.dataset->fingerprint() : subject.data_fingerprint;
  measured.names = split.names;
  measured.assignments = assign(evaluation.probabilities);
  measured.identities = trained.identities;
  if (measured.identities.empty()) {
    measured.identities = identities_of({}, evaluation.probabilities.columns);
  }
  measured.class_names = subject.class_names;
  measured.figures = compute_figures(stage_title(trained.stage), evaluation.probabilities,
                                     split.labels, static_cast<int>(subject.class_names.size()),
                                     tables.agreement ? &*tables.agreement : nullptr, &yardstick,
                                     environment.seed, environment.threads);
  if (tables.metric) {
    measured.figures.statistics.neighbor_information =
        information_with_neighbors(evaluation.probabilities, *tables.metric);
  }
  measured.backbone_labels = trained.labels;
  measured.head = trained.head;
  if (tables.selection) {
    const bool same_images = tables.selection_split == &split;
    measured.heads = score_heads(
        trained,
        same_images ? evaluation.features
                    : evaluate(trained, *tables.selection_inputs, environment.observer).features,
        *tables.selection);
  }
  measured.files = write_evaluation_files(files.directory, subject, split, evaluation,
                                          measured.figures, measured.identities, files.prototypes);
  measured.probabilities = std::move(evaluation.probabilities);
  measured.features = std::move(evaluation.features);
  save(measured, files);
  measured.files.push_back(write_metrics(files.directory, measurement_json(measured)));
  return measured;
}

Measurement measure_stage(const RunDirectory& run, const std::string& stage, const Subject& subject,
                          const SubjectSplit& split, const MeasurementFiles& files,
                          const Environment& environment) {
  TrainedModel trained =
      load_trained_model(run.path(), stage, subject.backbone.image_size, environment);
  warn_if_outdated(subject, run, trained.stage, environment.observer);
  const bool frozen = has_features_of(subject, run, trained.stage);
  const auto inputs = split_inputs(subject, split, frozen, environment);
  const SubjectSplit& selection = subject.validation_or_train();
  const auto selection_inputs = split_inputs(subject, selection, frozen, environment);
  const auto table = [&](const fs::path& file, const SubjectSplit& of) {
    return table_of(file, subject.data_fingerprint, of.features.size(0), environment);
  };
  const bool of_train = &split == &subject.train;
  MeasurementTables tables{
      .agreement = table(of_train ? run.train_neighbors() : run.validation_neighbors(), split),
      .selection = table(run.validation_neighbors(), selection),
      .selection_split = &selection,
      .selection_inputs = selection_inputs.get(),
      .metric = of_train ? kept_metric_neighbors(run, subject) : std::nullopt};
  MeasurementFiles placed = files;
  if (placed.directory.empty()) placed.directory = run.stage(trained.stage);
  return measure(trained, run.model(trained.stage), subject, split, *inputs, tables, placed,
                 environment);
}

}  // namespace nolabel
