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

// Writes pretext/model.pth.tar: the backbone and the projection head of the file. Keeps a model
// that was made from these weights. Throws Error(Fault::usage) when the run has another pretext
// model, unless environment.force is set.
void import_pretext(const RunDirectory& run, const Backbone& backbone,
                    const Environment& environment);

// For a run whose pretext/ holds only the published program's checkpoint.pth.tar: makes
// model.pth.tar of its weights. Does nothing when there is a model, when there is no checkpoint, or
// when nolabel wrote the checkpoint.
enum class Adopt {
  finished,  // only a bare state dict: a training checkpoint is to be continued
  any,
};
void adopt_pretext_checkpoint(const RunDirectory& run, Adopt what, const Environment& environment);

}  // namespace nolabel
