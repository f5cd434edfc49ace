// The time that each effort of `cluster` would take on these images and this machine.
#pragma once

#include <filesystem>
#include <vector>

#include "nolabel/pipeline/cluster_backbone.h"
#include "nolabel/pipeline/effort.h"
#include "nolabel/pipeline/estimate.h"
#include "nolabel/pipeline/method_choice.h"
#include "nolabel/pipeline/run_images.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct EffortEstimate {
  std::string name;  // "quick"
  double seconds;
};

struct AskedEffort {
  Effort effort;
  Method method;
  const ClusterSettings& settings;  // of this effort
  int clusters;
  const SubjectRequest& wanted;
  const std::optional<Backbone>& named;  // the backbone of `wanted`, if it names one
  const SeenSizes& sizes;
};

// Seconds from here on, with the options that were asked for, of each effort that this backbone
// allows. The effort that was asked for is measured best. `run`: the directory for what does not
// fit into the memory.
std::vector<EffortEstimate> estimate_efforts(const AskedEffort& asked, const RunImages& images,
                                             const Backbone& backbone,
                                             const std::filesystem::path& run,
                                             const Environment& environment);

}  // namespace nolabel
