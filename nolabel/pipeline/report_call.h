// Makes the report and the assignments of a run again from its models, as one call.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/pipeline/run_report.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct ReportRequest {
  RunRequest run;
  SubjectRequest subject;
};
void declare(SettingTables& tables, ReportRequest& request);

struct ReportOutcome {
  std::vector<ReportMethod> train;            // the chosen model first, k-means last
  std::vector<ReportMethod> validation;       // empty without validation images
  std::string backbone_labels;                // whose labels trained the backbone
  std::filesystem::path assignments, report;  // assignments.csv, report.html
};

// Throws Error: usage (no finished clustering model; images that the run was not trained on), data,
// system, stopped.
ReportOutcome report(SettingTables& tables, ReportRequest& request, const Observer& observer);

}  // namespace nolabel
