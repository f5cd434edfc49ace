// The input sources of a task in a worker, from what InputSource::describe() has put into a
// message.
#pragma once

#include <memory>

#include "nolabel/train/feature_normalization.h"
#include "nolabel/train/input_source.h"
#include "nolabel/workers/shared_images.h"

namespace nolabel {

// Source number `number` of the task. `images` must outlive it.
std::unique_ptr<InputSource> described_inputs(MessageReader& reader, size_t number,
                                              const SharedImages& images);
// As describe_shift() has it.
std::optional<FeatureShift> described_shift(MessageReader& reader);

}  // namespace nolabel
