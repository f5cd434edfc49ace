// What the commands that work in a run directory share: where, on which data, on which device.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/frame/command_line.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/environment.h"
#include "nolabel/pipeline/run_directory.h"
#include "nolabel/pipeline/run_images.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel::cli {

struct DeviceOptions {
  std::string device = "auto";
  std::string precision = "auto";
  int threads = 0;  // 0: all that this process may use
  uint64_t seed = 0;
};

// --device, --precision, --threads, --seed.
void declare(Schema& schema, DeviceOptions& options);

struct RunOptions {
  std::vector<std::string> data;  // paths; empty: those that the run was begun with
  std::string out = "run";
  bool force = false;
  DeviceOptions device;
  DataSettings images;
};

// [DATA...], --out, --force, the device and the data settings.
void declare_run(CommandLine& line, RunOptions& options);

// --out, once every DATA that was given is known to exist: a mistyped folder leaves nothing behind.
std::filesystem::path run_directory_of(const RunOptions& options);

// Settles device, precision and threads, for LibTorch's operators too.
Environment make_environment(const DeviceOptions& options, const Observer& observer);

// DATA, or the images that the run was begun with. Throws Error(Fault::usage) when there are
// neither.
std::vector<std::filesystem::path> data_of_run(const RunOptions& options, const RunDirectory& run);

// The run's images: of the paths given now (described, see run_directory.h), or of those
// remembered. Settings that were not given now are the remembered ones.
RunImages load_images_of_run(const CommandLine& line, RunOptions& options, RunDirectory& run,
                             int image_size, const Environment& environment);

// Views of this size and normalisation, wherever the user did not say otherwise.
void fit_views(ViewSettings& views, const Schema& schema, int image_size,
               const NormalizeSettings& normalize);

}  // namespace nolabel::cli
