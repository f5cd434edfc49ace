// The frame of every stage that trains: keep what is there, resume what was begun, refuse what was
// begun differently.
#pragma once

#include <functional>

#include "nolabel/run/artifact.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Runs `work` in run.stage(stage) and writes the sidecar of its model.pth.tar when it returns.
// Skips it, with a note, when the model is current or adopted. An unfinished checkpoint made from
// other settings is an error (with environment.force it is removed and training starts anew).
// Returns true when `work` ran.
bool run_training_stage(const RunDirectory& run, const std::string& stage,
                        const Provenance& provenance, const Environment& environment,
                        const std::function<void(const std::filesystem::path& directory)>& work);

}  // namespace nolabel
