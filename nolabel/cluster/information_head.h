// The head of frozen features: one linear layer that begins with given clusters, and is refined so
// that an image and its neighbors agree and the clusters stay near sizes halfway between those that
// they were given with and equal ones (information_loss.h). It needs no random start and takes
// seconds.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "nolabel/base/matrix.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct InformationHeadOptions {
  int clusters = 10;
  // Of cross-entropy on the given clusters, up to whole epochs. Too few leave a head that is nearly
  // even, and the refinement then finds other clusters: with 24 steps, 700 photos of five kinds
  // ended at an ACC of 72 %, with 600 at 99 %.
  int start_steps = 600;
  int epochs = 15;  // of refinement; information_epochs() suits a number of images. 0: none
  uint64_t seed = 0;
};

// Few images make short epochs: 75,000/N of them (at most 1,000) below 5,000 images, 8 above
// 20,000, otherwise 15.
int information_epochs(int64_t images);

// Epochs that hold so many steps.
int information_start_epochs(int64_t images, int steps);

// Logits of features x [n,D] as they are: x weight' + bias.
struct LinearHead {
  at::Tensor weight, bias;  // [C,D], [C]; fp32 on the CPU
};

// Trains on features [N,D] (fp32 on the CPU): on their first principal components (at most 256, and
// one for 16 images), each scaled to variance 1, which is folded into the result. An epoch leaves
// out the images of its last, incomplete batch. `neighbors` [N,k+1]: an image is paired with one of
// its neighbors at random, never with itself where it has another. `start`: the cluster of each
// image, 0..clusters-1. Throws Error(Fault::stopped) on request.
LinearHead fit_information_head(const at::Tensor& features, const Matrix<int64_t>& neighbors,
                                const std::vector<int64_t>& start,
                                const InformationHeadOptions& options, const Observer& observer);

}  // namespace nolabel
