// Operators of oneDNN that ATen has no function for: torch.compile makes them of several. Private
// to model.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>

namespace nolabel {

// Nothing: this LibTorch was built without oneDNN.
std::optional<c10::OperatorHandle> onednn_operator(const char* name);

// Whether they take bf16 on this processor. oneDNN has no bf16 below AVX-512 and refuses it there
// with an error, while ATen's own operators go another way. No other processor than x86 was tried,
// so there it is false.
bool onednn_takes_bf16();

}  // namespace nolabel
