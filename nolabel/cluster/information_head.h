// The head of frozen features: one linear layer that begins with given clusters, and is refined so
// that the clusters of an image and of its neighbors have as much information in common as possible
// (information_loss.h). It needs no random start and takes seconds. Below some 400 images the start
// is only approximate, because an epoch is then one step.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/base/matrix.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct InformationHeadOptions {
  int clusters = 10;
  int start_epochs = 8;  // of cross-entropy on the given clusters
  int epochs = 15;       // of refinement; information_epochs() suits a number of images. 0: none
  uint64_t seed = 0;
};

// Few images make short epochs: 75,000/N of them (at most 1,000) below 5,000 images, 8 above
// 20,000, otherwise 15.
int information_epochs(int64_t images);

// Logits of features x [n,D] as they are: x weight' + bias.
struct LinearHead {
  at::Tensor weight, bias;  // [C,D], [C]; fp32 on the CPU
};

// Trains on features [N,D] (fp32 on the CPU). Each dimension is standardised, and the
// standardisation is folded into the result. An epoch leaves out the images of its last, incomplete
// batch. `neighbors` [N,k+1]: an image is paired with one of its neighbors at random, never with
// itself where it has another. `start`: the cluster of each image, 0..clusters-1. Throws
// Error(Fault::stopped) on request.
LinearHead fit_information_head(const at::Tensor& features, const Matrix<int64_t>& neighbors,
                                const std::vector<int64_t>& start,
                                const InformationHeadOptions& options, const Observer& observer);

}  // namespace nolabel
