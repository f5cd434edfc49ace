// How good a pretext model is: the share of an image's neighbors that are of its class.
#pragma once

#include <cstdint>
#include <map>

#include "nolabel/pipeline/subject.h"

namespace nolabel {

struct PretextFigures {
  int64_t images = 0;
  std::map<int, double> neighbor_accuracy;  // by k
};

// As published for k = 1, 5, 20; without those of more neighbors than there are. Throws
// Error(Fault::usage) when the images have no labels.
PretextFigures pretext_figures(const SubjectSplit& split, const Environment& environment);

}  // namespace nolabel
