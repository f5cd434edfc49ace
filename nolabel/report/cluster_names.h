// When a cluster bears the name of a class.
#pragma once

#include <vector>

#include "nolabel/evaluate/label_evaluation.h"

namespace nolabel {

// Labels that come from folder names need not be classes: albums such as "Christmas" and "Italy"
// hold everything. A cluster bears the name of its matched class only if both
//   - (p - b) / (1 - b) is at least kLeastAgreement, where p is the share of the cluster that is of
//     the class and b the share of all images that is: what chance gives counts nothing, and
//   - the cluster holds at least kLeastShare of the class.
inline constexpr double kLeastAgreement = 0.5, kLeastShare = 0.25;

// [K] the class whose name each cluster bears, -1: none.
std::vector<int> agreeing_classes(const LabelEvaluation& evaluation);

}  // namespace nolabel
