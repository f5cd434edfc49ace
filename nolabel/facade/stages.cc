#include "nolabel/facade/call.h"
#include "nolabel/facade/convert.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/eval_call.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/predict_call.h"
#include "nolabel/pipeline/report_call.h"
#include "nolabel/pipeline/scan_call.h"
#include "nolabel/pipeline/simclr_call.h"

namespace nolabel {
namespace {

// What the options of every stage have in common.
template <class Request, class Options>
void fill_run(SettingTables& tables, Request& request, const Options& options) {
  if (options.out.empty()) fail_usage("out must name the run directory. It is empty.");
  request.run.data = texts(options.images);
  declare(tables, request);
  fill_settings(tables, options.settings, options.compute, options.seed);
  fill_option(tables, "out", options.out);
}

template <class Options>
void fill_subject(SettingTables& tables, const Options& options) {
  fill_option(tables, "backbone", options.backbone);
  fill_option(tables, "features", options.features);
  fill_option(tables, "paths", options.paths);
  if (options.force) tables.options.set("force", "true", "force");
}

StageResult result_of(const ClusterStageOutcome& outcome) {
  StageResult result{.model = outcome.model,
                     .trained = outcome.trained,
                     .images = outcome.images,
                     .final_stage = outcome.final_stage,
                     .figures = std::nullopt};
  if (outcome.evaluation) result.figures = figures_of(outcome.evaluation->figures);
  return result;
}

}  // namespace

SimclrResult simclr(const SimclrOptions& options, const Observer& observer) {
  SimclrResult result;
  facade_call([&] {
    SettingTables tables;
    SimclrRequest request;
    fill_run(tables, request, options);
    fill_option(tables, "start", options.start);
    tables.options.set("image_size", std::to_string(options.image_size), "image_size");
    if (options.force) tables.options.set("force", "true", "force");
    tables.settle();
    const SimclrOutcome outcome = simclr(tables, request, one_at_a_time(observer));
    result = {.model = outcome.model, .trained = outcome.trained, .images = outcome.images};
  });
  return result;
}

MineResult mine(const MineOptions& options, const Observer& observer) {
  MineResult result;
  facade_call([&] {
    SettingTables tables;
    MineRequest request;
    fill_run(tables, request, options);
    fill_subject(tables, options);
    if (options.image_size != 0) {
      tables.options.set("image_size", std::to_string(options.image_size), "image_size");
    }
    tables.settle();
    const MineOutcome outcome = mine(tables, request, one_at_a_time(observer));
    result = {.train_table = outcome.train_table,
              .validation_table = outcome.validation_table,
              .images = outcome.tables.images,
              .neighbors = outcome.tables.neighbors,
              .accuracy = outcome.tables.accuracy,
              .validation_accuracy = outcome.tables.validation_accuracy};
  });
  return result;
}

StageResult scan(const StageOptions& options, const Observer& observer) {
  StageResult result;
  facade_call([&] {
    SettingTables tables;
    ScanRequest request;
    fill_run(tables, request, options);
    fill_subject(tables, options);
    if (options.clusters != 0) {
      tables.settings.set("num_classes", std::to_string(options.clusters), "clusters");
    }
    tables.settle();
    result = result_of(scan(tables, request, one_at_a_time(observer)));
  });
  return result;
}

StageResult selflabel(const StageOptions& options, const Observer& observer) {
  StageResult result;
  facade_call([&] {
    if (options.clusters != 0) {
      fail_usage("selflabel takes the clusters of the SCAN model: clusters must be 0. Received {}.",
                 options.clusters);
    }
    SettingTables tables;
    SelflabelRequest request;
    fill_run(tables, request, options);
    fill_subject(tables, options);
    tables.settle();
    result = result_of(selflabel(tables, request, one_at_a_time(observer)));
  });
  return result;
}

EvaluateResult evaluate(const EvaluateOptions& options, const Observer& observer) {
  EvaluateResult result;
  facade_call([&] {
    SettingTables tables;
    EvalRequest request;
    fill_run(tables, request, options);
    fill_option(tables, "backbone", options.backbone);
    tables.options.set("model", options.model, "model");
    if (options.training_images) tables.options.set("images", "train", "training_images");
    tables.settle();
    EvalOutcome outcome = eval(tables, request, one_at_a_time(observer));
    if (auto* model = std::get_if<Measurement>(&outcome.measured)) {
      result.figures = figures_of(model->figures);
      result.images = clustered_images(model->names, model->assignments);
      result.probabilities = std::move(model->probabilities);
      result.features = std::move(model->features);
    } else {
      result.neighbor_accuracy = std::get<PretextMeasurement>(outcome.measured).neighbor_accuracy;
    }
  });
  return result;
}

ReportResult report(const ReportOptions& options, const Observer& observer) {
  ReportResult result;
  facade_call([&] {
    if (options.out.empty()) fail_usage("out must name the run directory. It is empty.");
    SettingTables tables;
    ReportRequest request;
    declare(tables, request);
    fill_settings(tables, {}, options.compute, std::nullopt);
    fill_option(tables, "out", options.out);
    tables.settle();
    const ReportOutcome outcome = report(tables, request, one_at_a_time(observer));
    result = {.figures = figures_of(outcome.methods),
              .assignments = outcome.assignments,
              .report = outcome.report};
  });
  return result;
}

PredictResult predict(const PredictOptions& options, const Observer& observer) {
  PredictResult result;
  facade_call([&] {
    SettingTables tables;
    PredictRequest request;
    request.run = options.run.string();
    request.images = texts(options.images);
    declare(tables, request);
    fill_settings(tables, {}, options.compute, std::nullopt);
    fill_option(tables, "features", options.features);
    fill_option(tables, "paths", options.paths);
    fill_option(tables, "sort_into", options.sort_into);
    tables.options.set("model", options.model, "model");
    if (options.copy) tables.options.set("copy", "true", "copy");
    if (options.strict) tables.options.set("strict", "true", "strict");
    tables.settle();
    PredictOutcome outcome = predict(tables, request, one_at_a_time(observer));
    Prediction& prediction = outcome.prediction;
    result.images = clustered_images(prediction.names, prediction.assignments);
    result.probabilities = std::move(prediction.probabilities);
    for (const SkippedImage& image : prediction.skipped) {
      result.skipped.push_back({image.name, image.reason});
    }
  });
  return result;
}

}  // namespace nolabel
