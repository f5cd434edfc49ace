// How good features are while the pretext trains: weighted k-nearest-neighbor classification.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "nolabel/group/group.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// A labelled set of embeddings [N,E]: fp32, CPU, unit length.
struct LabelledEmbeddings {
  at::Tensor embeddings;
  std::vector<int> labels;  // one per row, from 0
};

struct KnnOptions {
  int neighbors = 100;                        // fewer when the train set is smaller
  double temperature = 0.1;                   // τ
  int64_t memory_bytes = int64_t{512} << 20;  // extra memory, see nearest.h
  int threads = 1;
  std::shared_ptr<Group> group = single_process();  // whose processes divide the validation images
};

// Share of the validation images that the vote of their nearest train images classifies correctly;
// a vote weighs exp(similarity/τ) (Wu et al., "Unsupervised Feature Learning via Non-Parametric
// Instance Discrimination", 2018, section 3.4). A tie goes to the lower label.
double knn_accuracy(const LabelledEmbeddings& train, const LabelledEmbeddings& validation,
                    const KnnOptions& options, const Observer& observer);

}  // namespace nolabel
