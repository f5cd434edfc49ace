#include "nolabel/pipeline/report_call.h"

#include "nolabel/base/error.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

// The page and assignments.csv are about the images the run was trained on.
void require_images_of_run(const RunDirectory& run, const std::string& stage,
                           const Subject& subject, const Environment& environment) {
  if (is_of_data(run.model(stage), subject.data_fingerprint)) return;
  if (run.state().assigned_data == subject.data_fingerprint) return;  // `update` gave them clusters
  const std::string& change = environment.data_change;
  fail_usage(
      "report is about the images of the run. {} was trained on other images{}. `nolabel update "
      "{}` "
      "takes the images as they are now; `nolabel eval DATA` and `nolabel predict` take any "
      "images.",
      run.model(stage).string(), change.empty() ? "" : " (the images changed: " + change + ")",
      run.path().string());
}

}  // namespace

void declare(SettingTables& tables, ReportRequest& request) {
  declare_out(tables, request.run);
  declare(tables, request.subject);
  declare_consent(tables.options, request.run.compute);
  declare_run_settings(tables, request.run);
}

ReportOutcome report(SettingTables& tables, ReportRequest& request, const Observer& observer) {
  OpenRun open(tables, request.run, Opening::existing, observer);
  RunDirectory& run = open.run;
  Environment& environment = open.environment;
  const std::string stage = chosen_stage(run);
  const Subject subject =
      load_subject(tables, request.run, request.subject, {request.subject.image_size, std::nullopt},
                   BackboneOfScan::allowed, run, environment);
  require_images_of_run(run, stage, subject, environment);
  const ClusteredRun clustered = clustered_run(run, subject, environment);
  const RunFiles files = write_run_files(
      run, subject, clustered, assigned_images(run, subject, clustered, environment), environment);
  return {.train = clustered.train.figures,
          .validation = clustered.validation_figures(),
          .backbone_labels = subject.backbone.labels,
          .assignments = files.assignments,
          .report = files.report};
}

}  // namespace nolabel
