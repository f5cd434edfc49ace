// How far the cluster of an image can be relied on, without labels (docs/method.md, Unsure images).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

enum class ImageStatus {
  ok,
  unsure,     // fits nowhere, or could as well be elsewhere
  duplicate,  // takes the cluster of an image that is nearly the same
  junk,       // a person said that it counts for nothing
};
inline constexpr ImageStatus all_image_statuses[] = {ImageStatus::ok, ImageStatus::unsure,
                                                     ImageStatus::duplicate, ImageStatus::junk};
const char* status_name(ImageStatus status);  // "ok", "unsure", "duplicate", "junk"

// [N] 0..1: the mean of the share of an image's neighbors that are in other clusters, and of the
// probability that the other models give to other clusters. Each of those is first matched with
// `clusters`, cluster by cluster, by the images that they share. Without other models it is the
// share of neighbors. From 0.5 on, more speaks against the cluster than for it.
//   clusters [N] in 0..cluster_count-1
//   neighbors [N,k+1]: column 0 is the image itself; -1 where a row has fewer
//   others: [N,C] probabilities each, C >= 1
std::vector<double> cluster_doubts(std::span<const int> clusters, int cluster_count,
                                   const Matrix<int64_t>& neighbors,
                                   const std::vector<const Matrix<float>*>& others);

// [N] whether the distance of an image to its neighbors stands out: more than 1.5 times the
// interquartile range above the upper quartile (Tukey 1977). None among fewer than 20.
std::vector<bool> stand_out(const std::vector<float>& distances);

}  // namespace nolabel
