// What the commands that work in a run directory share: where, on which data, on which device.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/frame/command_line.h"
#include "cli/run_places.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/environment.h"
#include "nolabel/pipeline/published_config.h"
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
  std::vector<std::string> data;  // paths; empty: train_db_name's, or those of the run's beginning
  std::string out = "run";
  bool force = false;
  RunPlaces places;
  DeviceOptions device;
  DataSettings images;
  PublishedConfig config;
};

// [DATA...], --out, --force.
void declare_run(CommandLine& line, RunOptions& options);
// Afterwards, when the command has declared its own settings: those of data and device.
void declare_run_settings(CommandLine& line, RunOptions& options);
// The same, and what a published config says beside them, --data-root, and the keys of
// --config_env.
void declare_config(CommandLine& line, RunOptions& options);

// Once the line is parsed: the published config is checked and what it leaves unsaid is as
// published, wherever a result depends on it; says which keys mean nothing to this command.
void settle_config(const CommandLine& line, RunOptions& options, Setup stage,
                   const Observer& observer);

// In a run by a published config: says where it deviates from the published program.
void say_deviations(const CommandLine& line, Setup stage, const Environment& environment);

// --out, or <root_dir>/<train_db_name> when a config and --config_env say so; once every DATA that
// was given is known to exist: a mistyped folder leaves nothing behind.
std::filesystem::path run_directory_of(const CommandLine& line, const RunOptions& options);

// The same for commands that only look: Error(Fault::usage) when there is no such folder, which
// would otherwise be made.
std::filesystem::path existing_run_directory_of(const CommandLine& line, const RunOptions& options);

// Settles device, precision and threads, for LibTorch's operators too.
Environment make_environment(const DeviceOptions& options, const Observer& observer);

// DATA; or the folder of train_db_name (downloaded into its place when it is nowhere); or the
// images that the run was begun with. Throws Error(Fault::usage) when there are none of them.
std::vector<std::filesystem::path> data_of_run(const RunOptions& options, const RunDirectory& run,
                                               const Observer& observer);

// The same without a run.
std::vector<std::filesystem::path> data_of_file(const RunOptions& options,
                                                const Observer& observer);

// The run's images: of the paths given now (described, see run_directory.h), or of those
// remembered. Settings that were not given now are the remembered ones.
RunImages load_images_of_run(const CommandLine& line, RunOptions& options, RunDirectory& run,
                             const PictureSize& pictures, const Environment& environment);

// Views of this size and normalisation, wherever the user did not say otherwise.
void fit_views(ViewSettings& views, const Schema& schema, int image_size,
               const NormalizeSettings& normalize);

}  // namespace nolabel::cli
