#include "nolabel/pipeline/other_count.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nolabel/base/format.h"
#include "nolabel/pipeline/effort.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/run/artifact.h"

namespace nolabel {

std::string count_text(const ClusterCount& count, const RunDirectory& run, bool frozen) {
  if (count.is_clear) {
    return format("--clusters is not given, and the images fall into {} clear groups",
                  count.estimate);
  }
  const std::string taken =
      count.low == count.high ? format("no groups stand out, and nolabel takes {}", count.estimate)
                              : format("nolabel takes {}, but {} to {} groups fit these images",
                                       count.estimate, count.low, count.high);
  const std::string next =
      frozen ? format(": `nolabel cluster {} --clusters K` groups them anew in seconds",
                      run.path().string())
             : std::string();
  return format("--clusters is not given: {}. Look at the report, then choose{}", taken, next);
}

std::string renew_cluster_range(RunDirectory& run, const Environment& environment) {
  RunState& state = run.state();
  if (!state.cluster_range) return "";
  const ClusterCount count = count_clusters_of(run, environment);
  state.cluster_range = {count.low, count.high};
  if (count.low <= state.clusters && state.clusters <= count.high) return "";
  const bool in_seconds = state.effort != effort_name(Effort::full);
  const std::string next =
      format("nolabel cluster {} --clusters {}", run.path().string(), count.estimate);
  return format("{} to {} groups fit these images, and nolabel found {} in the run. `{}{}` {}",
                count.low, count.high, state.clusters, next, in_seconds ? "" : " --force",
                in_seconds ? "groups them anew" : "trains the backbone and the clusters again");
}

void remove_clusterings_of_other_count(const RunDirectory& run, int clusters) {
  bool scan_removed = false;
  for (const ClusterStage stage : all_cluster_stages) {
    const std::filesystem::path folder = run.stage(stage_name(stage));
    bool other = stage == ClusterStage::selflabel && scan_removed;
    for (const char* file : {"model.pth.tar", "checkpoint.pth.tar"}) {
      const nlohmann::json settings = sidecar_settings(folder / file);
      other |= settings.is_object() && settings.value("num_classes", clusters) != clusters;
    }
    if (!other) continue;
    scan_removed |= stage == ClusterStage::scan;
    std::filesystem::remove_all(folder);
  }
}

}  // namespace nolabel
