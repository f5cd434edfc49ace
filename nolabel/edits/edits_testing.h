// Small runs for the tests of this folder.
#pragma once

#include <string>
#include <vector>

#include "nolabel/edits/error_testing.h"
#include "nolabel/edits/prepared_edits.h"

namespace nolabel {

// Images take the parts in turn.
inline std::vector<int> in_turn(int, const std::vector<int64_t>& images, int into) {
  std::vector<int> parts(images.size());
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = static_cast<int>(i) % into;
  return parts;
}

inline std::vector<ClusterIdentity> found_clusters(int count) {
  std::vector<ClusterIdentity> found;
  for (int id = 0; id < count; ++id) found.push_back({id, "", "found by nolabel"});
  return found;
}

struct SmallRun {
  std::vector<ClusterIdentity> found;
  std::vector<int> cluster_of;
  std::vector<std::string> names = {};
  std::vector<ContentId> contents = {};
  std::vector<AppliedEdits> log = {};

  EditedClusters now() const { return replay(found, cluster_of, contents, log); }
  AppliedEdits prepared(const std::string& document, const SplitImages& split = in_turn) const {
    return prepare(parse_edits(document, "edits.json"), now(), names, contents, split);
  }
  void edit(const std::string& document) { log.push_back(prepared(document)); }
};

// Images a, b, c … with the contents "a", "b", "c" … in the clusters.
inline SmallRun small_run(int clusters, const std::vector<int>& cluster_of) {
  SmallRun run{
      .found = found_clusters(clusters), .cluster_of = cluster_of, .names = {}, .contents = {}};
  for (size_t i = 0; i < cluster_of.size(); ++i) {
    run.names.emplace_back(1, static_cast<char>('a' + i));
    run.contents.push_back(content_id(run.names.back()));
  }
  return run;
}

}  // namespace nolabel
