// Writing the model of a stage that fits heads to the features of a frozen backbone.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "nolabel/cluster/information_head.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/artifact.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Leaves <stage>/model.pth.tar = {'model', 'head': 0} with these heads, at least one and all of as
// many clusters, its backbone's description and its sidecar. begun: when the work began.
void write_head_model(const RunDirectory& run, const std::string& stage, const Subject& subject,
                      const std::vector<LinearHead>& heads, const Provenance& provenance,
                      std::chrono::steady_clock::time_point begun, const Environment& environment);

}  // namespace nolabel
