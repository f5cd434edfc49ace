#include "nolabel/pipeline/eval_call.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/output_place.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/pretext_figures.h"
#include "nolabel/processor/computing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

bool is_of_run(const std::string& model) {
  return model == "final" || cluster_stage(model).has_value();
}

// The model that a run chose, on the run's images.
EvalOutcome evaluate_run(SettingTables& tables, EvalRequest& request, const Observer& observer) {
  OpenRun open(tables, request.run, Opening::existing, observer);
  note_deviations(tables, Setup::any, open.environment);
  const Subject subject =
      load_subject(tables, request.run, request.subject,
                   asked_views(tables, request.subject.image_size, request.subject.evaluation),
                   BackboneOfScan::allowed, open.run, open.environment, Opening::existing);
  if (request.run.data.empty() && !open.environment.data_change.empty()) {
    observer.warn(format("the images of {} have changed since the run was made: {}",
                         open.run.path().string(), open.environment.data_change));
  }
  const bool of_train = request.split == RunSplit::train || !subject.validation;
  const SubjectSplit& split = of_train ? subject.train : *subject.validation;
  const std::string stage = request.model == "final" ? chosen_stage(open.run) : request.model;
  return {measure_stage(open.run, stage, subject, split, request.files, open.environment)};
}

// A pretext model: how many of an image's nearest neighbors are of its class.
PretextMeasurement measure_pretext(const fs::path& file, const fs::path& directory,
                                   const Subject& subject, const Environment& environment) {
  const SubjectSplit& split = subject.train;
  const PretextFigures figures = pretext_figures(split, environment);
  PretextMeasurement measured{.model = file,
                              .data = split.dataset->fingerprint(),
                              .images = figures.images,
                              .neighbor_accuracy = figures.neighbor_accuracy,
                              .backbone_labels = subject.backbone.labels,
                              .file = {}};
  measured.file = write_metrics(directory, eval_json({measured}));
  return measured;
}

// In the layout of a run (RUN/scan/model.pth.tar) the table lies beside: RUN/pretext/topk-*.npy.
std::optional<Matrix<int64_t>> table_beside(const fs::path& file, RunSplit split,
                                            const Subject& subject,
                                            const Environment& environment) {
  const bool train = split == RunSplit::train;
  const fs::path table = fs::absolute(file).parent_path().parent_path() / "pretext" /
                         (train ? "topk-train-neighbors.npy" : "topk-val-neighbors.npy");
  if (!fs::exists(table)) return std::nullopt;  // as beside most files: nothing to tell
  return table_of(table, subject.data_fingerprint, subject.train.features.size(0), environment,
                  train ? RunSplit::train : RunSplit::validation);
}

// A weights file, on the images of one split: nothing of a run is needed.
EvalOutcome evaluate_file(SettingTables& tables, EvalRequest& request, const Observer& observer) {
  Environment environment = make_environment(request.run.compute, observer);
  environment.cache_directory = shared_cache_directory();
  const Computing computing(environment.threads);
  note_deviations(tables, Setup::any, environment);
  const fs::path file = request.model;
  for (const char* name : {"backbone", "features", "paths"}) {
    if (!tables.options.is_set(name)) continue;
    fail_usage(
        "--model names a weights file, which has its own backbone: {} cannot be used with it.",
        flag_name(name));
  }
  take_remembered_images(tables, request.run, RunState(), environment);  // draws the split
  const AskedViews views =
      asked_views(tables, request.subject.image_size, request.subject.evaluation);
  WeightsInFile weights = read_model_weights(file);
  require_fitting_heads(weights, file);
  const StateDict state = weights.state;
  const std::optional<int> best_head = weights.best_head;
  Backbone backbone =
      backbone_of(file, std::move(weights), views.image_size, program_access(environment));
  require_takes_images(backbone);
  if (!backbone.assumption.empty()) observer.note(backbone.assumption);
  check_network(request.run.config, backbone);
  if (views.normalize) backbone.normalize = *views.normalize;

  const bool placed = tables.options.is_set("out");
  const fs::path directory = placed ? fs::path(request.run.out) : fs::absolute(file).parent_path();
  check_output_folder(directory);
  make_directory(directory);
  RunImages images = load_split(data_of_file(request.run, observer), request.run.images,
                                picture_size(backbone), request.split, directory, environment);
  const Subject subject = image_subject(std::move(images), backbone, std::nullopt, environment);
  if (cluster_head_count(state) == 0) {
    return {measure_pretext(file, directory, subject, environment)};
  }
  TrainedModel trained = clustering_model_of(state, best_head, backbone, environment);
  const auto inputs = split_inputs(subject, subject.train, true, environment);
  const auto table = table_beside(file, request.split, subject, environment);
  MeasurementFiles files = request.files;
  files.directory = directory;
  return {measure(trained, file, subject, subject.train, *inputs,
                  {.agreement = table,
                   .selection = table,
                   .selection_split = &subject.train,
                   .selection_inputs = inputs.get(),
                   .metric = {}},
                  files, environment)};
}

}  // namespace

void declare(SettingTables& tables, EvalRequest& request) {
  declare_out(tables, request.run);
  declare(tables, request.subject);
  declare_consent(tables.options, request.run.compute);
  Schema& options = tables.options;
  options.add("model", &request.model,
              "kmeans, consensus, communities, scan, selflabel or final (the model that the run "
              "chose), or a "
              "weights file");
  options.add(
      "images", &request.split, {{"train", RunSplit::train}, {"validation", RunSplit::validation}},
      "the split to measure; validation: the training images if the run has no validation split");
  options.add("visualize_prototypes", &request.files.prototypes,
              "write a picture with the prototype of every cluster");
  options.add("save_features", &request.files.save_features,
              "write the backbone's features [N,D] to this .npy file");
  options.add("save_probabilities", &request.files.save_probabilities,
              "write the probabilities [N,C] to this .npy file");
  for (const char* name : {"model", "save_features", "save_probabilities"}) options.path(name);
  declare_evaluation(tables.settings, request.subject.evaluation);
  declare_config(tables, request.run);
  tables.settings.published("precision", "fp32");
}

nlohmann::json eval_json(const EvalOutcome& outcome) {
  if (const auto* model = std::get_if<Measurement>(&outcome.measured)) {
    return measurement_json(*model);
  }
  const auto& pretext = std::get<PretextMeasurement>(outcome.measured);
  nlohmann::json accuracy = nlohmann::json::object();
  for (const auto& [k, value] : pretext.neighbor_accuracy) accuracy[std::to_string(k)] = value;
  return {{"images", pretext.images},
          {"neighbor_accuracy", accuracy},
          {"model", path_to_json(fs::absolute(pretext.model))},
          {"data", pretext.data},
          {"backbone_labels", pretext.backbone_labels}};
}

EvalOutcome eval(SettingTables& tables, EvalRequest& request, const Observer& observer) {
  for (const std::string& file : {request.files.save_features, request.files.save_probabilities}) {
    if (!file.empty()) check_output(file);
  }
  settle_config(tables, request.run, Setup::any, observer);
  if (is_of_run(request.model)) return evaluate_run(tables, request, observer);
  if (!fs::is_regular_file(request.model)) {
    fail_usage("--model must be scan, selflabel, final or a weights file. {} is no file.",
               request.model);
  }
  return evaluate_file(tables, request, observer);
}

}  // namespace nolabel
