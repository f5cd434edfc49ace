// The settings that all commands in a run directory share: place, data and device. A setting that
// the user leaves unset comes from the run's state (run/run_state.h), or else from the defaults.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/config/tables.h"
#include "nolabel/pipeline/places.h"
#include "nolabel/pipeline/published_config.h"
#include "nolabel/pipeline/run_images.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/processor/computing.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

struct RunRequest {
  // A folder, a picture, a list file or CIFAR …; empty: train_db_name's, or those of the run.
  std::vector<std::string> data;
  std::string out = "run";
  bool force = false;
  ComputeSettings compute;
  DataSettings images;
  RunPlaces places;
  PublishedConfig config;
};

// out, for commands that change nothing that a stage made.
void declare_out(SettingTables& tables, RunRequest& request);
// out and force.
void declare_run(SettingTables& tables, RunRequest& request);
// Declares the settings of the images and of the device. Call this after the command has declared
// its own settings.
void declare_run_settings(SettingTables& tables, RunRequest& request);
// The same, and declares the further keys of a published config, --data-root, and the keys of
// --config_env.
void declare_config(SettingTables& tables, RunRequest& request);

// Once the tables are filled: checks the published config for `stage`; what it means for the images
// becomes the value of settings that the user left alone. Notes which keys mean nothing to this
// command. Throws Error(Fault::usage).
void settle_config(SettingTables& tables, RunRequest& request, Setup stage,
                   const Observer& observer);

// --out, or <root_dir>/<train_db_name> when a config and --config_env say so; once every DATA that
// was given is known to exist: a mistyped folder leaves nothing behind. Throws Error(Fault::usage),
// also when the directory is one of the photo folders.
std::filesystem::path run_directory_of(const SettingTables& tables, const RunRequest& request);

enum class Opening {
  make,      // the directory is made where there is none
  existing,  // Error(Fault::usage) where there is none, for commands that only look
};

// A command at work in a run directory, until this is destroyed. Seed and precision that the user
// left unset are those that the run remembers (precision: not under a published config, which has
// one of its own). Errors as run_directory_of(), RunDirectory and make_environment().
struct OpenRun {
  OpenRun(SettingTables& tables, RunRequest& request, Opening opening, const Observer& observer);

  RunDirectory run;  // locked
  Environment environment;
  Computing computing;
};

// The first of these that is there: DATA; the folder of train_db_name (downloaded into its place
// when it is missing); the images that the run was begun with. Throws Error(Fault::usage) when all
// are missing.
std::vector<std::filesystem::path> data_of_run(const RunRequest& request, const RunDirectory& run,
                                               const Observer& observer);
// The same without a run.
std::vector<std::filesystem::path> data_of_file(const RunRequest& request,
                                                const Observer& observer);

// Gives the data settings that the user left unset the values that the run remembers, and draws
// which images are set aside (split_seed) when no earlier command has. What chooses among the
// images (hold_out, split_seed, subset, coarse) belongs to the run's images: a command that only
// looks at other images than those, `Opening::existing`, does not take it, and a note says so.
void take_remembered_images(SettingTables& tables, RunRequest& request, const RunState& state,
                            const Environment& environment, Opening opening = Opening::make);

// Loads the run's images and keeps them as `pictures` states. Afterwards the run's state names
// these images, and environment.data_change tells how they differ from the earlier images of the
// run. Errors as load_run_images().
RunImages load_images_of_run(SettingTables& tables, RunRequest& request, RunDirectory& run,
                             const PictureSize& pictures, Environment& environment,
                             Opening opening = Opening::make, const LoadingWatch& watch = {});

// Call this when a stage has drawn random numbers and computed. Later commands then use the same
// seed and precision. A precision that only follows from a published config is not remembered.
void remember_computation(RunDirectory& run, const SettingTables& tables, const RunRequest& request,
                          const Environment& environment);

// For figures and neighbor tables: under a published config in fp32, as the published program
// measures, unless the user set another precision.
Environment measuring_environment(const SettingTables& tables, const Environment& environment);

// Sets this size and normalisation of views, except where the user set another.
void fit_views(ViewSettings& views, const Schema& schema, int image_size,
               const NormalizeSettings& normalize);

// What such a note begins with.
inline constexpr const char* deviation_begins = "unlike the published program: ";
// In a run by a published config: notes where it differs from the published program.
void note_deviations(const SettingTables& tables, Setup stage, const Environment& environment);

}  // namespace nolabel
