// The frame of every stage that trains: keep what is there, resume what was begun, go on with more
// epochs, refuse what was begun differently.
#pragma once

#include <functional>
#include <vector>

#include "nolabel/run/artifact.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Runs `work` in run.stage(stage) and writes the sidecar of its model.pth.tar when it returns.
// Skips it, with a note, when the model is current or adopted. A training that differs in nothing
// but fewer epochs, finished or not, is continued: its checkpoint goes on at the next epoch, with
// the schedule of the new number of epochs, and the sidecar says after which epochs the number was
// raised ("continued_from"). Throws Error(Fault::usage) when more epochs than are wanted have been
// trained already, and for a training that differs in anything else (with environment.force it is
// removed and training starts anew). Returns true when `work` ran.
bool run_training_stage(const RunDirectory& run, const std::string& stage,
                        const Provenance& provenance, const Environment& environment,
                        const std::function<void(const std::filesystem::path& directory)>& work);

// The epochs after which their number was raised, of a stage's model; empty where it never was.
std::vector<int64_t> continued_from(const std::filesystem::path& model);

}  // namespace nolabel
