// assignments.csv: path,cluster,confidence,runner_up,runner_up_confidence[,label],status, one row
// per image in data set order. RFC 4180, UTF-8. Scripts rely on it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/evaluate/assignments.h"
#include "nolabel/evaluate/image_status.h"

namespace nolabel {

struct AssignmentTable {
  std::vector<std::string> names;       // [N] paths
  std::vector<Assignment> assignments;  // [N]
  // [N], or empty: no such column, as in predictions and the files of older versions
  std::vector<ImageStatus> statuses;
  std::vector<std::string> labels;  // [N] class names, or empty: no such column
};

// The text of the file. Numbers are the shortest that read back as the same float; without a
// runner-up (one cluster) its two fields are empty.
std::string assignments_csv(const AssignmentTable& table);

// Throws Error(Fault::data), naming file and line, when a row is not what assignments_csv() writes.
AssignmentTable read_assignments(const std::filesystem::path& path);

}  // namespace nolabel
