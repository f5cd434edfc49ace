// A model in messages: what it is, and its weights.
#pragma once

#include <optional>

#include "nolabel/group/message.h"
#include "nolabel/model/model.h"

namespace nolabel {

// Puts into the message what model_of() makes the same model from, with the weights that it has
// now. Throws Error(Fault::usage) for a backbone that is a program, which one process runs.
void describe_model(const Model& model, Message& message);

// In a worker: the model on this process's own device, which is of the same kind as the leader's.
// `earlier`, if it is the same network, takes the weights instead of being made anew. The tensors
// of the message from the end are the model's, and are removed. Throws Error(Fault::system) when
// this process has no such device.
Model model_of(const Group& group, Message& message, std::optional<Model> earlier = {});

}  // namespace nolabel
