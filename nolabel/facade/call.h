// What every call through the facade has around it: where to compute, the thread count of LibTorch
// put back afterwards, and errors of one type. Private to this folder.
#pragma once

#include <functional>

#include "nolabel/nolabel.h"
#include "nolabel/pipeline/environment.h"

namespace nolabel {

// Device, precision and threads settled. Throws Error as choose_device() and choose_precision().
Environment environment_of(const Compute& compute, uint64_t seed, const Observer& observer);

// Runs `body` with `threads` compute threads for the calling thread, whose own number is restored.
// Whatever it throws leaves as nolabel::Error: what is none already is an exhausted memory, a
// system's failure, or a defect of ours.
void facade_call(int threads, const std::function<void()>& body);

}  // namespace nolabel
