// nolabel scan and nolabel selflabel: the two clustering stages, each by itself.
#include <nlohmann/json.hpp>

#include "cli/evaluation.h"
#include "cli/run_subject.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/run_report.h"
#include "nolabel/pipeline/scan_stage.h"

namespace nolabel::cli {
namespace {

// Where a published config does not name it (scan-spec.md, Losses).
constexpr double published_entropy_weight = 2;

// What both commands set up before they train.
struct StageCall {
  RunOptions options;
  SubjectOptions wanted;
  Environment environment;
  std::optional<RunDirectory> run;
  Subject subject;

  void open(CommandLine& line, Setup stage) {
    environment = make_environment(options.device, line.observer());
    say_deviations(line, stage, environment);
    environment.force = options.force;
    run.emplace(run_directory_of(line, options));
    subject = load_subject(line, options, wanted, *run, environment);
  }
};

// Says what is there, and with labels how good it is on the validation images.
void finish(CommandLine& line, const StageCall& call, const char* stage, const char* what) {
  const RunDirectory& run = *call.run;
  const std::string model = run.model(stage).string();
  line.print(format("{}: {}\n", model, what));
  nlohmann::json result = {{"model", model},
                           {"images", call.subject.train.features.size(0)},
                           {"final", chosen_stage(run.path())}};
  const SubjectSide& side = call.subject.validation_or_train();
  if (!side.labels.empty()) {
    TrainedModel trained =
        load_trained_model(run.path(), stage, call.subject.backbone.image_size, call.environment);
    const auto inputs =
        side_inputs(call.subject, side, backbone_is_frozen(run, stage), call.environment);
    result["evaluation"] =
        show_evaluation(line, trained, call.subject, side, *inputs,
                        table_of(run.validation_neighbors(), call.subject.data_fingerprint,
                                 side.features.size(0), call.environment),
                        {.model = model,
                         .directory = run.stage(stage),
                         .save_features = {},
                         .save_probabilities = {}},
                        call.environment);
  }
  line.result(result);
}

// Compares both models on the training images, as `nolabel cluster` does.
std::string choose_final(const StageCall& call) {
  const SubjectSide& side = call.subject.train;
  const auto both =
      model_clusterings(*call.run, call.subject, side, {"scan", "selflabel"}, call.environment);
  auto figures = figures_of(both, call.subject, side,
                            table_of(call.run->train_neighbors(), call.subject.data_fingerprint,
                                     side.features.size(0), call.environment),
                            call.environment);
  // In features that SCAN itself fitted, the silhouette is no neutral judge.
  if (call.subject.backbone_of_scan) {
    call.environment.observer.note(
        "which model stays is judged without the silhouette, whose features are SCAN's own");
    for (ReportMethod& method : figures) method.statistics.silhouette.reset();
  }
  return final_stage(figures[0].statistics, figures[1].statistics, call.environment.observer);
}

// The checkpoints of the published program's scan and selflabel have DataParallel's names.
void name_as_published(TrainSettings& train, const CommandLine& line) {
  if (line.published() && !line.settings().is_set("module_prefix")) train.module_prefix = true;
}

}  // namespace

int run_scan_command(CommandLine& line) {
  StageCall call;
  int clusters = 0;
  ScanStageSettings settings = published_scan(32);
  declare_run(line, call.options);
  declare(line.options(), call.wanted);
  declare_cluster_count(line.settings(), clusters);
  declare(line.settings(), settings);
  declare_config(line, call.options);
  if (!line.parse()) return 0;
  settle_config(line, call.options, Setup::scan, line.observer());
  take_evaluation_views(call.wanted, settings.views, line);
  if (line.published() && !line.settings().is_set("criterion_kwargs.entropy_weight")) {
    settings.scan.entropy_weight = published_entropy_weight;
  }
  name_as_published(settings.train, line);

  call.open(line, Setup::scan);
  const Backbone& backbone = call.subject.backbone;
  fit_views(settings.views, line.settings(), backbone.image_size, backbone.normalize);
  if (clusters == 0) clusters = static_cast<int>(call.subject.class_names.size());
  settings.scan.head_only |= !backbone.network.takes_images();
  const bool frozen = settings.scan.head_only;
  const auto train = side_inputs(call.subject, call.subject.train, frozen, call.environment);
  const auto validation =
      side_inputs(call.subject, call.subject.validation_or_train(), frozen, call.environment);
  const bool trained = run_scan(*call.run, {&call.subject, train.get(), validation.get()}, clusters,
                                settings, call.environment);
  // A kept model leaves the choice between it and its self-labelled successor as it was.
  if (trained) call.run->describe({{"final", "scan"}});
  call.run->save_description();
  finish(line, call, "scan", "the best model by the label-free objective, with its best head");
  return 0;
}

int run_selflabel_command(CommandLine& line) {
  StageCall call;
  SelflabelStageSettings settings = published_selflabel(32);
  declare_run(line, call.options);
  declare(line.options(), call.wanted);
  declare(line.settings(), settings);
  declare_config(line, call.options);
  if (!line.parse()) return 0;
  settle_config(line, call.options, Setup::selflabel, line.observer());
  take_evaluation_views(call.wanted, settings.views, line);

  if (line.published() && !line.settings().is_set("ema_mode")) {
    settings.train.ema_mode = EmaMode::published;
  }
  name_as_published(settings.train, line);

  call.wanted.backbone_of_scan = true;
  call.open(line, Setup::selflabel);
  const Backbone& backbone = call.subject.backbone;
  fit_views(settings.views, line.settings(), backbone.image_size, backbone.normalize);
  settings.selflabel.head_only |= !backbone.network.takes_images();
  // SCAN may have trained the backbone: then the subject's features are not those of its model.
  const bool frozen = settings.selflabel.head_only && backbone_is_frozen(*call.run, "scan");
  const auto train = side_inputs(call.subject, call.subject.train, frozen, call.environment);
  run_selflabel(*call.run, {&call.subject, train.get(), train.get()}, settings, call.environment);
  call.run->save_description();
  call.run->describe({{"final", choose_final(call)}});
  call.run->save_description();
  finish(line, call, "selflabel", "SCAN's best head, trained on its own confident predictions");
  return 0;
}

}  // namespace nolabel::cli
