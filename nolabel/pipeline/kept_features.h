// Features that a run has computed once stay in its directory, so that its later commands need not
// send every image through the backbone again. An interrupted computation also keeps its part, so
// that a stopped run continues where it was.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <string>

#include "nolabel/base/row_file.h"
#include "nolabel/model/model.h"
#include "nolabel/run/artifact.h"

namespace nolabel {

// Computes features; passes the file, if there is one, to extract() or extract_views().
using MakeFeatures = std::function<at::Tensor(RowFile* begun)>;

// Features [N,D], fp32 on the CPU: those in `file` (.npy) if its sidecar says that they were made
// as `provenance` has it, else those that `make` returns, which are then written there. Unlike the
// artifacts of a stage they are replaced without --force, because nobody chose them. Where the disk
// has not ten times the room of `bytes`, what the features will take, they are not kept, and a stop
// loses them; a note says so.
at::Tensor kept_features(const std::filesystem::path& file, const Provenance& provenance,
                         const Environment& environment, uint64_t bytes, const MakeFeatures& make);

// Features that serve once, such as those of a validation, and are not kept: a stop leaves what
// there is of them in `file`, and the next call with the same provenance goes on from there.
at::Tensor resumed_features(const std::filesystem::path& file, const Provenance& provenance,
                            uint64_t bytes, const MakeFeatures& make);

// SHA-256 over the weights of the model's backbone, for the provenance of its features.
std::string backbone_weights_hash(const Model& model);

}  // namespace nolabel
