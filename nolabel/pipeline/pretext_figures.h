// How good a pretext model is: the share of an image's neighbors that are of its class.
#pragma once

#include <nlohmann/json.hpp>

#include "nolabel/pipeline/subject.h"

namespace nolabel {

// {"images", "neighbor_accuracy": {"1", "5", "20"}}, as published for k = 1, 5, 20; without those
// of more neighbors than there are. Throws Error(Fault::usage) when the images have no labels.
nlohmann::json pretext_figures(const SubjectSide& side, const Environment& environment);

}  // namespace nolabel
