// What every stage is given besides its own settings: where to compute and whom to tell.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

#include "nolabel/model/model.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct Environment {
  Observer observer;
  at::Device device{at::kCPU};
  Precision precision = Precision::fp32;
  int threads = 1;
  uint64_t seed = 0;
  bool force = false;  // make artifacts again although others, made differently, are there
};

}  // namespace nolabel
