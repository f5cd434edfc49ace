// What every stage is given besides its own settings: where to compute and whom to tell.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "nolabel/config/schema.h"
#include "nolabel/group/group.h"
#include "nolabel/model/model.h"
#include "nolabel/model/program.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct Environment {
  Observer observer;
  at::Device device{at::kCPU};
  Precision precision = Precision::fp32;
  int threads = 1;
  bool cuda_graph = true;  // on a GPU, steps of a training may be recorded and repeated
  // The processes that work on the command; this one leads them. Most often it is alone.
  std::shared_ptr<Group> group = single_process();
  uint64_t seed = 0;
  // Where the packed images of all runs are kept; empty: in each run directory.
  std::filesystem::path cache_directory{};
  int feature_cache_mb = 0;  // how much of features is kept there; 0: none
  // How the images differ from those that the run was made from (image_list.h); empty where they do
  // not, or where it is not known. For messages.
  std::string data_change{};
  // The run is brought up to date (`update`): what it knows of images that it had before stays.
  // Their features are taken from the run, also without a cache, and held-out images stay so.
  bool updating = false;
  bool run_programs = false;  // a backbone that is a program may be run (model/program.h)
  bool force = false;         // make artifacts again although others, made differently, are there
};

struct ComputeSettings {
  std::string device = "auto";     // auto, cpu, cuda or cuda:N
  std::string precision = "auto";  // auto, fp32, bf16 or fp16
  int threads = 0;                 // 0: all that this process may use
  bool cuda_graph = true;
  uint64_t seed = 0;
  int feature_cache_mb = 4096;
  bool run_program = false;
  std::shared_ptr<Group> group = single_process();  // no setting: whoever calls has met the others
};

// device, precision, threads, cuda_graph, seed and feature_cache.
void declare(Schema& schema, ComputeSettings& settings);
// run_program, for commands whose backbone may be a program. `options` are those of the command
// line: a config file, which may be somebody else's, gives no consent.
void declare_consent(Schema& options, ComputeSettings& settings);
// As the environment has it: allowed, or refused.
ProgramAccess program_access(const Environment& environment);

// Device, precision and threads settled; warns of a GPU that `auto` leaves unused. Tells LibTorch's
// operators nothing: Computing (processor/computing.h) does. Throws Error as choose_device() and
// choose_precision().
Environment make_environment(const ComputeSettings& settings, const Observer& observer);

// Where images of all runs are kept: NOLABEL_CACHE, else nolabel/ in the user's cache folder
// (XDG_CACHE_HOME, ~/.cache). Empty when there is none that can be written.
std::filesystem::path shared_cache_directory();

}  // namespace nolabel
