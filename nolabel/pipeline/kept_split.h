// Which images are held out in a run whose images have changed: those that it had stay on their
// side, so that no model is judged by images that it has learnt from.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nolabel/data/screening.h"
#include "nolabel/data/split.h"
#include "nolabel/pipeline/collection_changes.h"
#include "nolabel/run/artifact.h"

namespace nolabel {

// [N] the side on which `was` has each image of `is`: the one with the same content in the same
// place, or elsewhere, or else the one whose place it has taken. Nothing for a new image.
std::vector<std::optional<RunSplit>> earlier_sides(const PlacedImages& was, const PlacedImages& is);

// The images [N] by these sides. A new image goes with the images of its group that have a side,
// to the training images where they have both; a group of new images goes by its contents alone,
// so that a share `fraction` of such groups is held out, whatever comes with them.
//   group [N] the same number for images of one group;  contents [N]
HoldOut kept_hold_out(const std::vector<std::optional<RunSplit>>& sides,
                      const std::vector<int64_t>& group, const std::vector<ContentId>& contents,
                      double fraction, uint64_t seed);

// Where images on both sides are near-duplicates, a training image stands for them: what trains is
// never represented by what does not. The first `train` of the images train.
void represent_by_training_images(Screening& screening, int64_t train);

}  // namespace nolabel
