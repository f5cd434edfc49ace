// What every stage is given besides its own settings: where to compute and whom to tell.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "nolabel/model/model.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct Environment {
  Observer observer;
  at::Device device{at::kCPU};
  Precision precision = Precision::fp32;
  int threads = 1;
  uint64_t seed = 0;
  // Where the packed images of all runs are kept; empty: in each run directory.
  std::filesystem::path cache_directory{};
  // How the images differ from those that the run was made from (image_list.h); empty where they do
  // not, or where it is not known. For messages.
  std::string data_change{};
  bool force = false;  // make artifacts again although others, made differently, are there
};

}  // namespace nolabel
