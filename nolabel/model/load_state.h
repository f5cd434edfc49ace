// Copies weights into a model, all or nothing. Private to model.
#pragma once

#include <string>

#include "nolabel/model/model.h"

namespace nolabel {

// Copies every tensor of `target` from the one of its name in `state`. Before anything is copied,
// throws Error(Fault::usage) that lists the names that are missing, wrongly shaped or of a wrong
// type and, with `strict`, those that `target` does not have. `what` begins the message: "weights
// for resnet18 (…)".
void load_state(const StateDict& target, const StateDict& state, bool strict,
                const std::string& what);

// "[64,3,7,7]"
std::string shape_text(at::IntArrayRef shape);

}  // namespace nolabel
