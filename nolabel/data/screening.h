// What the pixels of a collection tell before anything is learned from it: which images are
// near-duplicates of each other (exact copies; copies that were recompressed, resized or slightly
// cropped; the frames of a burst), and which show nothing (docs/method.md, Clean data).
//
// Bursts would be each other's neighbors, and a handful of copies would look like a cluster; so one
// image of a group trains and the others take its cluster. Nothing is compared all with all.
#pragma once

#include <cstdint>
#include <vector>

#include "nolabel/data/dataset.h"
#include "nolabel/data/duplicates.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct Screening {
  // [N] the image that stands for the group: itself for most. It is in the first data set that has
  // images of the group. A group has no chains: each of its
  // images is a near-duplicate of this one.
  std::vector<int64_t> representative;
  std::vector<bool> has_content;  // [N]
};

// The images of `datasets`, one after another; contents [N] of all of them. Throws
// Error(Fault::stopped) on request.
Screening screen_images(const std::vector<const Dataset*>& datasets,
                        const std::vector<ContentId>& contents, int threads,
                        const Observer& observer);

// Only exact copies are grouped, and every image counts as one with content.
Screening only_exact_copies(const std::vector<ContentId>& contents);

// Those of the first `count` images that train, ascending: one of each group, and none without
// content.
std::vector<int64_t> training_images(const Screening& screening, int64_t count);

// The groups of 2 or more: the representative first, the others ascending; by representative.
std::vector<std::vector<int64_t>> groups_of(const std::vector<int64_t>& representative);

}  // namespace nolabel
