// nolabel report: the page of a run, made anew from its models.
#include <nlohmann/json.hpp>

#include "cli/run_subject.h"
#include "nolabel/base/error.h"
#include "nolabel/pipeline/artifact.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/neighbor_tables.h"
#include "nolabel/pipeline/run_report.h"

namespace nolabel::cli {
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
                           const Subject& subject) {
  if (is_of_data(run.model(stage), subject.data_fingerprint)) return;
  fail_usage(
      "report is about the images of the run. {} was trained on others; `nolabel eval DATA` "
      "and `nolabel predict` take any.",
      run.model(stage).string());
}

}  // namespace

int run_report(CommandLine& line) {
  RunOptions options;
  SubjectOptions wanted;
  declare_run(line, options);
  declare(line.options(), wanted);
  declare_run_settings(line, options);
  if (!line.parse()) return 0;

  wanted.backbone_of_scan = true;
  const Environment environment = make_environment(options.device, line.observer());
  RunDirectory run(existing_run_directory_of(line, options));
  const std::vector<std::string> stages = finished_stages(run);
  const Subject subject = load_subject(line, options, wanted, run, environment);
  require_images_of_run(run, stages[0], subject);
  const std::vector<Clustering> all = clusterings(run, subject, subject.train, stages, environment);
  const std::vector<ReportMethod> methods =
      figures_of(all, subject, subject.train,
                 table_of(run.train_neighbors(), subject.data_fingerprint,
                          subject.train.features.size(0), environment),
                 environment);
  const std::filesystem::path assignments = run.path() / "assignments.csv";
  write_assignments(assignments, all[0], subject, subject.train);
  write_report(run, subject, all, methods, environment);
  const std::filesystem::path page = run.path() / "report.html";
  line.print(format("{}\n\nassignments  {}\nreport       {}\n", figures_table(methods),
                    assignments.string(), page.string()));
  line.result({{"report", page.string()}, {"assignments", assignments.string()}});
  return 0;
}

}  // namespace nolabel::cli
