// Features that a run has computed once stay in its directory, so that its later commands need not
// send every image through the backbone again. An interrupted computation also keeps its part, so
// that a stopped run continues where it was.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/base/row_file.h"
#include "nolabel/model/model.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/pipeline/earlier_features.h"
#include "nolabel/run/artifact.h"

namespace nolabel {

// What features are made with and from, beside the images.
struct FeatureSource {
  Provenance provenance;
  std::string made_with;  // FeatureMaker::identity
  int64_t width = 0;
  uint64_t bytes = 0;  // what the features will take
};

// What is there of features that are to be made.
struct RowsAtHand {
  RowFile* begun = nullptr;  // what a stop has left; nullptr: a stop loses all
  std::unique_ptr<const EarlierFeatures> earlier{};
  // Which the work fills in: the keys of the rows, and how long embedding took.
  std::vector<RowKey> keys{};
  EmbeddingWork work{};

  // The same options, with what is at hand.
  BankOptions added_to(BankOptions options);
};
// Computes features by extract() or extract_views().
using MakeFeatures = std::function<at::Tensor(RowsAtHand& rows)>;

// Features [N,D], fp32 on the CPU: those in `file` (.npy) if its sidecar says that they were made
// as the provenance has it, else those that `make` returns, which are then written there with their
// keys (earlier_features.h). Where the environment says so, `make` gets the rows that `file` holds
// of other images. Unlike the artifacts of a stage they are replaced without --force, because
// nobody chose them. Where the disk has not ten times the room that the features take, they are not
// kept, and a stop loses them; a note says so.
at::Tensor kept_features(const std::filesystem::path& file, const FeatureSource& source,
                         const Environment& environment, const MakeFeatures& make);

// Features that serve once, such as those of a validation, and are not kept: a stop leaves what
// there is of them in `file`, and the next call with the same provenance goes on from there.
at::Tensor resumed_features(const std::filesystem::path& file, const Provenance& provenance,
                            uint64_t bytes, const std::function<at::Tensor(RowFile* begun)>& make);

// SHA-256 over the weights of the model's backbone, for the provenance of its features.
std::string backbone_weights_hash(const Model& model);

}  // namespace nolabel
