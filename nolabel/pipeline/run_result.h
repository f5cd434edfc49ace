// The result of a run as its files tell it, for programs that only read it: each image with its
// cluster, and what the clusters are called. No model is loaded and no picture is read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/edits/cluster_identity.h"
#include "nolabel/evaluate/assignments.h"
#include "nolabel/evaluate/image_status.h"
#include "nolabel/run/run_state.h"

namespace nolabel {

struct ResultImage {
  std::string path;  // as assignments.csv has it
  // Of the cluster in RunResult::clusters; runner_up is -1 when there is none.
  Assignment assignment{};
  std::optional<ImageStatus> status{};  // unset in the files of older versions
  std::string label{};                  // empty: none
};

struct RunResult {
  std::vector<ClusterIdentity> clusters;  // those of the run, images or not
  std::vector<ResultImage> images;        // the training images
  // Of a run that has validation images, as far as `eval` or `report` have written them.
  std::optional<std::vector<ResultImage>> validation;
};

// Throws Error(Fault::usage) when `run` is no run directory, has no assignments.csv, or when
// assignments.csv does not follow the edits that are in force; Error(Fault::data) when a file is
// not as nolabel writes it.
RunResult read_run_result(const std::filesystem::path& run, const RunState& state);

}  // namespace nolabel
