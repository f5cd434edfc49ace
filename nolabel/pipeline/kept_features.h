// Features that a run has computed once stay in its directory, so that its later commands need not
// send every image through the backbone again.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>

#include "nolabel/run/artifact.h"

namespace nolabel {

// Features [N,D], fp32 on the CPU: those in `file` (.npy) if its sidecar says that they were made
// as `provenance` has it, else those that `make` returns, which are then written there. Unlike the
// artifacts of a stage they are replaced without --force, because nobody chose them. Where the disk
// has not ten times their room, they are not kept, with a note.
at::Tensor kept_features(const std::filesystem::path& file, const Provenance& provenance,
                         const Environment& environment, const std::function<at::Tensor()>& make);

}  // namespace nolabel
