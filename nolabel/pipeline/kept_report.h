// The report that a run has already, for a program that would show the same again: a new one takes
// seconds, or minutes where the photos are large.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nolabel/pipeline/subject.h"
#include "nolabel/report/assignments_csv.h"

namespace nolabel {

// Of all that determines a report: the program's page, the images, and the small files of the run
// (.json, .jsonl, .csv), among which are the sidecars of its models and the edits.
std::string report_hash(const std::filesystem::path& run, const Subject& subject);

struct KeptReport {
  nlohmann::json page;          // report/page_data.h
  AssignmentTable assignments;  // of subject.given
};

// report.html and assignments.csv as write_run_files() left them, if nothing has changed since.
std::optional<KeptReport> kept_report(const std::filesystem::path& run, const Subject& subject);

}  // namespace nolabel
