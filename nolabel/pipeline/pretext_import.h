// A backbone of another program as a run's pretext model: MoCo v2, or any other that nolabel
// recognises.
#pragma once

#include <filesystem>

#include "nolabel/pipeline/backbone.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// The published MoCo v2 file (ImageNet, 800 epochs) in `directory`, downloaded when it
// is not there yet. Errors as download().
std::filesystem::path fetch_moco(const std::filesystem::path& directory, const Observer& observer);

// Writes pretext/model.pth.tar: the backbone with the projection head it came with. Kept if it was
// made from these weights; Error(Fault::usage) when the run has another pretext model, unless
// environment.force.
void import_pretext(const RunDirectory& run, const Backbone& backbone,
                    const Environment& environment);

// For a run whose pretext/ holds only the published program's checkpoint.pth.tar: makes
// model.pth.tar of its weights. Nothing happens when there is a model, no checkpoint, or one of
// ours.
enum class Adopt {
  finished,  // only a bare state dict: a training checkpoint is to be continued
  any,
};
void adopt_pretext_checkpoint(const RunDirectory& run, Adopt what, const Environment& environment);

}  // namespace nolabel
