// nolabel report: the page of a run, made anew from its models.
#include <nlohmann/json.hpp>

#include "cli/run_subject.h"
#include "nolabel/base/error.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/run_report.h"

namespace nolabel::cli {
namespace {

// The run's clustering models, the chosen one first.
std::vector<std::string> finished_stages(const RunDirectory& run) {
  std::vector<std::string> stages;
  const std::string chosen = run.description().value("final", "scan");
  for (const std::string& stage : {chosen, std::string(chosen == "scan" ? "selflabel" : "scan")}) {
    if (std::filesystem::exists(run.model(stage))) stages.push_back(stage);
  }
  if (stages.empty()) {
    fail_usage("{} must hold a finished clustering model. It does not.", run.path().string());
  }
  return stages;
}

}  // namespace

int run_report(CommandLine& line) {
  RunOptions options;
  SubjectOptions wanted;
  declare_run(line, options);
  declare(line.options(), wanted);
  if (!line.parse()) return 0;

  const Environment environment = make_environment(options.device, line.observer());
  RunDirectory run(run_directory_of(options));
  const std::vector<std::string> stages = finished_stages(run);
  const Subject subject = load_subject(line, options, wanted, run, environment);
  const int clusters = run.description().value("clusters", 0);
  const std::vector<Clustering> all =
      clusterings(run, subject, subject.train, stages, clusters, environment);
  const std::vector<ReportMethod> methods =
      figures_of(all, subject, subject.train, read_npy_int64(run.train_neighbors()), environment);
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
