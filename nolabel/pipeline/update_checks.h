// What `update` refuses before it looks at an image, and what it advises. Private to
// update_call.cc.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/pipeline/update_call.h"

namespace nolabel {

// What a person may do when the clusters do not fit the images any more, as a sentence without its
// full stop.
std::string advice_of(const RunState& state, const std::string& run);

// Throws Error(Fault::usage) for runs that cannot be updated, or not as the request says.
void require_updatable(const SettingTables& tables, const RunDirectory& run,
                       const UpdateRequest& request);

// The sources of the run from now on, absolute. Throws Error(Fault::usage) when one of the run is
// gone, when one that is given holds no images, and when the test images of the run would become
// training images.
std::vector<std::filesystem::path> settled_sources(const UpdateRequest& request,
                                                   const RunState& state);

}  // namespace nolabel
