// assignments.csv: path,cluster,confidence,runner_up,runner_up_confidence[,label],status, one row
// per image in data set order. RFC 4180, UTF-8. Scripts rely on it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/edits/cluster_identity.h"
#include "nolabel/evaluate/assignments.h"
#include "nolabel/evaluate/image_status.h"

namespace nolabel {

// Where a cluster has a name, a last column `name` follows. Clusters are written by their ids.
struct AssignmentTable {
  std::vector<std::string> names;       // [N] paths
  std::vector<Assignment> assignments;  // [N]
  // [N], or empty: no such column, as in predictions and the files of older versions
  std::vector<ImageStatus> statuses;
  std::vector<std::string> labels;  // [N] class names, or empty: no such column
  // Of the clusters of `assignments`; empty: their numbers are their ids, and none has a name. Not
  // read back: what is read holds ids.
  std::vector<ClusterIdentity> identities{};
};

// Whether a person has named any cluster.
bool has_names(const std::vector<ClusterIdentity>& identities);

// The text of the file. Numbers are the shortest that read back as the same float; without a
// runner-up (one cluster) its two fields are empty.
std::string assignments_csv(const AssignmentTable& table);

// Throws Error(Fault::data), naming file and line, when a row is not what assignments_csv() writes.
AssignmentTable read_assignments(const std::filesystem::path& path);

}  // namespace nolabel
