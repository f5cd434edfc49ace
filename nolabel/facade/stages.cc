#include "nolabel/facade/call.h"
#include "nolabel/facade/convert.h"
#include "nolabel/nolabel.h"
#include "nolabel/pipeline/edit_call.h"
#include "nolabel/pipeline/eval_call.h"
#include "nolabel/pipeline/export_call.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/moco_call.h"
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
  fill_flag(tables, "force", options.force);
}

MineResult result_of(const MineOutcome& outcome) {
  return {.train_table = outcome.train_table,
          .validation_table = outcome.validation_table,
          .images = outcome.tables.images,
          .neighbors = outcome.tables.neighbors,
          .accuracy = outcome.tables.accuracy,
          .validation_accuracy = outcome.tables.validation_accuracy,
          .backbone_labels = outcome.backbone_labels};
}

StageResult result_of(const ClusterStageOutcome& outcome) {
  StageResult result{.model = outcome.model,
                     .trained = outcome.trained,
                     .images = outcome.images,
                     .final_stage = outcome.final_stage,
                     .figures = std::nullopt,
                     .backbone_labels = {}};
  if (outcome.evaluation) {
    result.figures = figures_of(outcome.evaluation->figures);
    result.backbone_labels = outcome.evaluation->backbone_labels;
  }
  return result;
}

}  // namespace

SimclrResult simclr(const SimclrOptions& options, const Observer& observer) {
  return facade_stage<SimclrRequest>(
      observer,
      [&](SettingTables& tables, SimclrRequest& request) {
        fill_run(tables, request, options);
        fill_option(tables, "start", options.start);
        fill_number(tables, "image_size", options.image_size);
        fill_flag(tables, "force", options.force);
      },
      [](SettingTables& tables, SimclrRequest& request, const Observer& serial) -> SimclrResult {
        const SimclrOutcome outcome = simclr(tables, request, serial);
        return {.model = outcome.model, .trained = outcome.trained, .images = outcome.images};
      });
}

MineResult mine(const MineOptions& options, const Observer& observer) {
  return facade_stage<MineRequest>(
      observer,
      [&](SettingTables& tables, MineRequest& request) {
        fill_run(tables, request, options);
        fill_subject(tables, options);
        fill_number(tables, "image_size", options.image_size);
      },
      [](SettingTables& tables, MineRequest& request, const Observer& serial) {
        return result_of(mine(tables, request, serial));
      });
}

MineResult moco(const MocoOptions& options, const Observer& observer) {
  return facade_stage<MocoRequest>(
      observer,
      [&](SettingTables& tables, MocoRequest& request) {
        request.file = options.file.string();
        fill_run(tables, request, options);
        fill_number(tables, "image_size", options.image_size);
        fill_flag(tables, "force", options.force);
      },
      [](SettingTables& tables, MocoRequest& request, const Observer& serial) {
        return result_of(moco(tables, request, serial).mined);
      });
}

StageResult scan(const StageOptions& options, const Observer& observer) {
  return facade_stage<ScanRequest>(
      observer,
      [&](SettingTables& tables, ScanRequest& request) {
        fill_run(tables, request, options);
        fill_subject(tables, options);
        fill_number(tables, "num_classes", options.clusters);
      },
      [](SettingTables& tables, ScanRequest& request, const Observer& serial) {
        return result_of(scan(tables, request, serial));
      });
}

StageResult selflabel(const StageOptions& options, const Observer& observer) {
  return facade_stage<SelflabelRequest>(
      observer,
      [&](SettingTables& tables, SelflabelRequest& request) {
        if (options.clusters != 0) {
          fail_usage(
              "selflabel takes the clusters of the SCAN model: clusters must be 0. Received {}.",
              options.clusters);
        }
        fill_run(tables, request, options);
        fill_subject(tables, options);
      },
      [](SettingTables& tables, SelflabelRequest& request, const Observer& serial) {
        return result_of(selflabel(tables, request, serial));
      });
}

EvaluateResult evaluate(const EvaluateOptions& options, const Observer& observer) {
  return facade_stage<EvalRequest>(
      observer,
      [&](SettingTables& tables, EvalRequest& request) {
        fill_run(tables, request, options);
        fill_option(tables, "backbone", options.backbone);
        fill_option(tables, "model", options.model);
        if (options.training_images) fill_option(tables, "images", "train");
      },
      [](SettingTables& tables, EvalRequest& request, const Observer& serial) {
        EvaluateResult result;
        EvalOutcome outcome = eval(tables, request, serial);
        if (auto* model = std::get_if<Measurement>(&outcome.measured)) {
          result.figures = figures_of(model->figures);
          for (Assignment& a : model->assignments) a = with_ids(a, model->identities);
          result.images = clustered_images(model->names, model->assignments);
          result.probabilities = std::move(model->probabilities);
          result.features = std::move(model->features);
          result.backbone_labels = model->backbone_labels;
        } else {
          const auto& pretext = std::get<PretextMeasurement>(outcome.measured);
          result.neighbor_accuracy = pretext.neighbor_accuracy;
          result.backbone_labels = pretext.backbone_labels;
        }
        return result;
      });
}

ReportResult report(const ReportOptions& options, const Observer& observer) {
  return facade_stage<ReportRequest>(
      observer,
      [&](SettingTables& tables, ReportRequest& request) {
        if (options.out.empty()) fail_usage("out must name the run directory. It is empty.");
        declare(tables, request);
        fill_settings(tables, options.settings, options.compute, std::nullopt);
        fill_option(tables, "out", options.out);
      },
      [](SettingTables& tables, ReportRequest& request, const Observer& serial) -> ReportResult {
        const ReportOutcome outcome = report(tables, request, serial);
        return {.figures = figures_of(outcome.train),
                .validation = figures_of(outcome.validation),
                .backbone_labels = outcome.backbone_labels,
                .assignments = outcome.assignments,
                .report = outcome.report};
      });
}

EditResult edit(const EditOptions& options, const Observer& observer) {
  return facade_stage<EditRequest>(
      observer,
      [&](SettingTables& tables, EditRequest& request) {
        if (options.run.empty()) fail_usage("run must name the run directory. It is empty.");
        if (options.undo && !options.edits.empty()) {
          fail_usage("edits must be empty with undo. Received {}.", options.edits.string());
        }
        request.run = options.run.string();
        request.file = options.edits.string();
        declare(tables, request);
        fill_settings(tables, {}, options.compute, std::nullopt);
      },
      [&](SettingTables& tables, EditRequest& request, const Observer& serial) {
        const EditOutcome outcome = options.undo ? undo_edits(tables, request, serial)
                                                 : apply_edits(tables, request, serial);
        EditResult result{.clusters = {},
                          .junk = outcome.junk,
                          .changed = outcome.changed,
                          .in_force = outcome.in_force,
                          .waiting = outcome.waiting,
                          .assignments = outcome.assignments,
                          .report = outcome.report};
        for (const auto& [identity, images] : outcome.clusters) {
          result.clusters.push_back({{identity.id, identity.name}, identity.origin, images});
        }
        return result;
      });
}

PredictResult predict(const PredictOptions& options, const Observer& observer) {
  return facade_stage<PredictRequest>(
      observer,
      [&](SettingTables& tables, PredictRequest& request) {
        request.run = options.run.string();
        request.images = texts(options.images);
        declare(tables, request);
        fill_settings(tables, options.settings, options.compute, std::nullopt);
        fill_option(tables, "features", options.features);
        fill_option(tables, "paths", options.paths);
        fill_option(tables, "sort_into", options.sort_into);
        fill_option(tables, "model", options.model);
        fill_flag(tables, "copy", options.copy);
        fill_flag(tables, "strict", options.strict);
      },
      [](SettingTables& tables, PredictRequest& request, const Observer& serial) {
        PredictOutcome outcome = predict(tables, request, serial);
        Prediction& prediction = outcome.prediction;
        PredictResult result;
        for (Assignment& a : prediction.assignments) a = with_ids(a, prediction.identities);
        result.images = clustered_images(prediction.names, prediction.assignments);
        result.clusters = named_clusters(prediction.identities);
        result.probabilities = std::move(prediction.probabilities);
        for (const SkippedImage& image : prediction.skipped) {
          result.skipped.push_back({image.name, image.reason});
        }
        return result;
      });
}

ExportResult export_run(const ExportOptions& options, const Observer& observer) {
  return facade_stage<ExportRequest>(
      observer,
      [&](SettingTables& tables, ExportRequest& request) {
        request.run = options.run.string();
        request.out = options.out.string();
        declare(tables, request);
        fill_option(tables, "format", options.format);
        fill_flag(tables, "copy", options.copy);
        fill_flag(tables, "relative_links", options.relative_links);
        fill_flag(tables, "junk", options.junk);
        if (options.skip_duplicates) fill_option(tables, "duplicates", "skip");
      },
      [](SettingTables& tables, ExportRequest& request, const Observer& serial) {
        const ExportOutcome outcome = export_run(tables, request, serial);
        ExportResult result{
            .clusters = {}, .sizes = {}, .images = outcome.images, .missing = outcome.missing};
        for (const ExportOutcome::Cluster& cluster : outcome.clusters) {
          result.clusters.push_back({cluster.identity.id, cluster.identity.name});
          result.sizes.push_back(cluster.images);
        }
        return result;
      });
}

}  // namespace nolabel
