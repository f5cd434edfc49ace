#include "nolabel/pipeline/report_call.h"

#include "nolabel/base/error.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

// The run's clustering models, the chosen one first.
std::vector<std::string> finished_stages(const RunDirectory& run) {
  std::vector<std::string> stages = {chosen_stage(run.path())};
  const std::string other = stages[0] == "scan" ? "selflabel" : "scan";
  if (std::filesystem::exists(run.model(other))) stages.push_back(other);
  return stages;
}

// The page and assignments.csv are about the images the run was trained on.
void require_images_of_run(const RunDirectory& run, const std::string& stage,
                           const Subject& subject, const Environment& environment) {
  if (is_of_data(run.model(stage), subject.data_fingerprint)) return;
  const std::string& change = environment.data_change;
  fail_usage(
      "report is about the images of the run. {} was trained on others{}. `nolabel eval DATA` and "
      "`nolabel predict` take any images.",
      run.model(stage).string(), change.empty() ? "" : " (the images changed: " + change + ")");
}

}  // namespace

void declare(SettingTables& tables, ReportRequest& request) {
  declare_run(tables, request.run);
  declare(tables, request.subject);
  declare_run_settings(tables, request.run);
}

ReportOutcome report(SettingTables& tables, ReportRequest& request, const Observer& observer) {
  OpenRun open(tables, request.run, Opening::existing, observer);
  RunDirectory& run = open.run;
  Environment& environment = open.environment;
  const std::vector<std::string> stages = finished_stages(run);
  const Subject subject =
      load_subject(tables, request.run, request.subject, {request.subject.image_size, std::nullopt},
                   BackboneOfScan::allowed, run, environment);
  require_images_of_run(run, stages[0], subject, environment);
  const std::vector<Clustering> all = clusterings(run, subject, subject.train, stages, environment);
  ReportOutcome outcome{
      .methods = figures_of(all, subject, subject.train,
                            table_of(run.train_neighbors(), subject.data_fingerprint,
                                     subject.train.features.size(0), environment),
                            environment),
      .assignments = run.path() / "assignments.csv",
      .report = run.path() / "report.html"};
  write_assignments(outcome.assignments, all[0], subject, subject.train);
  write_report(run, subject, all, outcome.methods, environment);
  return outcome;
}

}  // namespace nolabel
