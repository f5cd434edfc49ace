// nolabel eval: how good a run's model is, or that of a file, with and without labels.
#include <nlohmann/json.hpp>

#include "cli/evaluation.h"
#include "cli/run_subject.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/neighbors/neighbor_table.h"
#include "nolabel/pipeline/artifact.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/pretext_figures.h"
#include "nolabel/pipeline/run_report.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;

struct EvalOptions {
  std::string model = "final";
  Side side = Side::validation;
  EvaluationFiles files;
};

void declare(Schema& schema, EvalOptions& options) {
  schema.add("model", &options.model,
             "scan, selflabel, or final: the one the run chose; or a weights file");
  schema.add("images", &options.side, {{"train", Side::train}, {"validation", Side::validation}},
             "which images (validation: the training images when there are no others)");
  schema.add("visualize_prototypes", &options.files.prototypes,
             "write a picture with the prototype of every cluster");
  schema.add("save_features", &options.files.save_features,
             "write the backbone's features [N,D] to this .npy file");
  schema.add("save_probabilities", &options.files.save_probabilities,
             "write the probabilities [N,C] to this .npy file");
}

struct EvalCall {
  RunOptions options;
  SubjectOptions wanted;
  EvalOptions what;
};

// The model that a run chose, on the run's images.
void evaluate_run(CommandLine& line, EvalCall& call, const Environment& environment) {
  RunDirectory run(existing_run_directory_of(line, call.options));
  call.wanted.backbone_of_scan = true;
  const Subject subject = load_subject(line, call.options, call.wanted, run, environment);
  TrainedModel trained =
      load_trained_model(run.path(), call.what.model, call.wanted.image_size, environment);
  const bool train_side = call.what.side == Side::train || !subject.validation;
  const SubjectSide& side = train_side ? subject.train : *subject.validation;
  const auto inputs =
      side_inputs(subject, side, backbone_is_frozen(run, trained.stage), environment);
  const fs::path table = train_side ? run.train_neighbors() : run.validation_neighbors();
  call.what.files.model = run.model(trained.stage);
  call.what.files.directory = run.stage(trained.stage);
  line.result(
      show_evaluation(line, trained, subject, side, *inputs,
                      table_of(table, subject.data_fingerprint, side.features.size(0), environment),
                      call.what.files, environment));
}

// A pretext model: how many of an image's nearest neighbors are of its class.
nlohmann::json show_neighbors(const CommandLine& line, const SubjectSide& side,
                              const Environment& environment) {
  nlohmann::json figures = pretext_figures(side, environment);
  line.print("share of neighbors with the image's label:");
  for (const char* k : {"1", "5", "20"}) {
    const nlohmann::json& accuracy = figures["neighbor_accuracy"];
    if (!accuracy.contains(k)) continue;
    line.print(format("  {:.2f} % of the first {}", accuracy[k].get<double>() * 100, k));
  }
  line.print("\n");
  return figures;
}

// In the layout of a run (RUN/scan/model.pth.tar) the table lies beside: RUN/pretext/topk-*.npy.
std::optional<Matrix<int64_t>> table_beside(const fs::path& file, Side side, const Subject& subject,
                                            const Environment& environment) {
  const bool train = side == Side::train;
  const fs::path table = fs::absolute(file).parent_path().parent_path() / "pretext" /
                         (train ? "topk-train-neighbors.npy" : "topk-val-neighbors.npy");
  if (!fs::exists(table)) return std::nullopt;  // as beside most files: nothing to say
  return table_of(table, subject.data_fingerprint, subject.train.features.size(0), environment,
                  train ? DataPart::train : DataPart::validation);
}

// A weights file, on the images of one side: nothing of a run is needed.
void evaluate_file(CommandLine& line, EvalCall& call, const Environment& environment) {
  const fs::path file = call.what.model;
  WeightsInFile weights = read_model_weights(file);
  const StateDict state = weights.state;
  const std::optional<int> best_head = weights.best_head;
  Backbone backbone = backbone_of(file, std::move(weights), call.wanted.image_size);
  if (!backbone.assumption.empty()) environment.observer.note(backbone.assumption);
  check_network(call.options.config, backbone);
  if (call.wanted.normalize) backbone.normalize = *call.wanted.normalize;

  const bool out = line.options().is_set("out");
  const fs::path directory = out ? fs::path(call.options.out) : fs::absolute(file).parent_path();
  make_directory(directory);
  RunImages images =
      load_side(data_of_file(call.options, environment.observer), call.options.images,
                picture_size(backbone), call.what.side, directory, environment);
  const Subject subject = image_subject(std::move(images), backbone, std::nullopt, environment);
  if (!holds_cluster_head(state)) {
    nlohmann::json result = show_neighbors(line, subject.train, environment);
    result["model"] = fs::absolute(file).string();
    result["data"] = subject.train.dataset->fingerprint();
    line.print(format("{}\n", write_metrics(directory, result).string()));
    line.result(result);
    return;
  }
  TrainedModel trained = clustering_model_of(state, best_head, backbone, environment);
  const auto inputs = side_inputs(subject, subject.train, true, environment);
  call.what.files.model = file;
  call.what.files.directory = directory;
  line.result(show_evaluation(line, trained, subject, subject.train, *inputs,
                              table_beside(file, call.what.side, subject, environment),
                              call.what.files, environment));
}

}  // namespace

int run_eval(CommandLine& line) {
  EvalCall call;
  ViewSettings views;
  declare_run(line, call.options);
  declare(line.options(), call.wanted);
  declare(line.options(), call.what);
  declare_evaluation(line.settings(), views);
  declare_config(line, call.options);
  if (!line.parse()) return 0;
  settle_config(line, call.options, Setup::any, line.observer());
  take_evaluation_views(call.wanted, views, line);

  const Environment environment = make_environment(call.options.device, line.observer());
  const std::string& model = call.what.model;
  const bool of_run = model == "final" || model == "scan" || model == "selflabel";
  if (!of_run && !fs::is_regular_file(model)) {
    fail_usage("--model must be scan, selflabel, final or a weights file. {} is no file.", model);
  }
  of_run ? evaluate_run(line, call, environment) : evaluate_file(line, call, environment);
  return 0;
}

}  // namespace nolabel::cli
