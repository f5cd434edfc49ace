#include "nolabel/pipeline/run_request.h"

#include <algorithm>
#include <limits>

#include "nolabel/base/error.h"
#include "nolabel/data/own_folder.h"
#include "nolabel/data/published.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr const char* from_run = "run.json";

void require_apart_from_data(const fs::path& directory, const RunRequest& request) {
  for (const std::string& path : request.data) {
    std::error_code none;  // what does not exist is not the same folder
    if (!fs::equivalent(path, directory, none)) continue;
    fail_usage("--out must not be the folder of the images. Received {} for both.", path);
  }
}

std::vector<fs::path> published_images(const std::string& name, const RunPlaces& places,
                                       const Observer& observer) {
  if (!knows(places, name)) {
    fail_usage(
        "DATA is required. Give DATA, or name the folder of {} with datasets: {{{}: FOLDER}} in "
        "the file of --config_env, with --data-root DIR or in NOLABEL_DATA.",
        name, name);
  }
  return {find_published(published_data(name), places, observer)};
}

fs::path opened_directory(const SettingTables& tables, const RunRequest& request, Opening opening) {
  fs::path directory = run_directory_of(tables, request);
  if (opening == Opening::make || own_folder(directory) == OwnFolder::run) return directory;
  // Some commands take their run by position.
  fail_usage("{} must be a run directory. {} {}.", tables.options.find("out") ? "--out" : "RUN",
             directory.string(), fs::exists(directory) ? "holds no run" : "does not exist");
}

Environment settled_environment(SettingTables& tables, RunRequest& request, const RunState& state,
                                const Observer& observer) {
  if (state.seed) tables.settings.suggest("seed", std::to_string(*state.seed), from_run);
  if (!state.precision.empty() && !tables.published) {
    tables.settings.suggest("precision", state.precision, from_run);
  }
  Environment environment = make_environment(request.compute, observer);
  environment.force = request.force;
  environment.cache_directory = shared_cache_directory();
  return environment;
}

// The values of one state, as texts by the names of their settings.
std::string remembered_text(const RunState& state, const std::string& name) {
  DataSettings images = state.images;
  Schema schema;
  declare(schema, images);
  return schema.text(*schema.find(name));
}

// DATA is given, and it is not what the run was made of.
bool names_other_images(const RunRequest& request, const RunState& state) {
  if (request.data.empty() || state.data.empty()) return false;
  std::vector<fs::path> given;
  for (const std::string& path : request.data) {
    given.push_back(fs::absolute(path).lexically_normal());
  }
  return given != state.data;
}

// Images of the run that were set aside as they are to be set aside now. They stay so, whatever
// images came since then; a person who begins again from images and with --force gets a new split.
std::optional<PlacedImages> images_with_same_split(const RunRequest& request,
                                                   const RunDirectory& run,
                                                   const Environment& environment) {
  const RunState& state = run.state();
  const bool anew = request.force && !request.data.empty();
  const bool same = request.images.hold_out == state.images.hold_out &&
                    request.images.split_seed == state.images.split_seed;
  if (anew || !same || request.images.hold_out == 0) return std::nullopt;
  if (!environment.updating && names_other_images(request, state)) return std::nullopt;
  std::optional<ImageList> list = run.images();
  if (!list || list->held_out == 0 || !state.root) return std::nullopt;
  return PlacedImages{std::move(*list), *state.root};
}

bool chooses_images(const std::string& name) {
  return name == "hold_out" || name == "split_seed" || name == "subset" || name == "coarse";
}

}  // namespace

void declare_out(SettingTables& tables, RunRequest& request) {
  tables.options.add("out", &request.out, "the run directory", Effect::none);
  tables.options.path("out");
}

void declare_run(SettingTables& tables, RunRequest& request) {
  declare_out(tables, request);
  tables.options.add("force", &request.force,
                     "replace results in the run directory that were made with other settings",
                     Effect::none);
}

void declare_run_settings(SettingTables& tables, RunRequest& request) {
  declare(tables.settings, request.images);
  declare(tables.settings, request.compute);
}

void declare_config(SettingTables& tables, RunRequest& request) {
  declare(tables, request.places);
  declare(tables.settings, request.config);
  declare_run_settings(tables, request);
}

void settle_config(SettingTables& tables, RunRequest& request, Setup stage,
                   const Observer& observer) {
  Schema& settings = tables.settings;
  check_config(request.config, stage, settings);
  if (!request.config.train_db_name.empty()) {
    suggest_published_data(settings, published_data(request.config.train_db_name), stage);
  }
  if (!request.places.cache_dir.empty()) {
    settings.suggest("cache_dir", request.places.cache_dir, "cache_dir of --config_env");
  }
  // A config is for several commands. What is set for this one alone was meant for it.
  std::vector<std::string> without_meaning = settings.tolerated_assignments();
  if (stage != Setup::any) {
    without_meaning.insert(without_meaning.end(), settings.tolerated().begin(),
                           settings.tolerated().end());
  }
  if (without_meaning.empty()) return;
  std::string names;
  for (const std::string& name : without_meaning) names += (names.empty() ? "" : ", ") + name;
  observer.note(format("this command does not use these settings: {}", names));
}

fs::path run_directory_of(const SettingTables& tables, const RunRequest& request) {
  check_sources({request.data.begin(), request.data.end()});
  const std::string& name = request.config.train_db_name;
  fs::path directory = request.out;
  // A command that takes its run by position declares no --out.
  const bool is_given = !tables.options.find("out") || tables.options.is_set("out");
  if (!is_given && !name.empty()) {
    if (!request.places.root_dir.empty()) {
      directory = fs::path(request.places.root_dir) / name;
    } else if (tables.published) {
      fail_usage(
          "the folder for the results is required. Set root_dir in the file of --config_env "
          "(nolabel then writes to root_dir/{}), or give --out.",
          name);
    }
  }
  require_apart_from_data(directory, request);
  return directory;
}

OpenRun::OpenRun(SettingTables& tables, RunRequest& request, Opening opening,
                 const Observer& observer)
    : run(opened_directory(tables, request, opening)),
      environment(settled_environment(tables, request, run.state(), observer)),
      computing(environment.threads) {}

std::vector<fs::path> data_of_run(const RunRequest& request, const RunDirectory& run,
                                  const Observer& observer) {
  if (!request.data.empty()) return {request.data.begin(), request.data.end()};
  const std::vector<fs::path>& remembered = run.state().data;
  const std::string& name = request.config.train_db_name;
  if (!name.empty() && (knows(request.places, name) || remembered.empty())) {
    return published_images(name, request.places, observer);
  }
  if (remembered.empty()) {
    fail_usage(
        "DATA is required, because the run {} does not know its images yet. Name a folder of "
        "images.",
        run.path().string());
  }
  return remembered;
}

std::vector<fs::path> data_of_file(const RunRequest& request, const Observer& observer) {
  if (!request.data.empty()) return {request.data.begin(), request.data.end()};
  const std::string& name = request.config.train_db_name;
  if (name.empty()) fail_usage("DATA is required, or train_db_name in a config.");
  return published_images(name, request.places, observer);
}

void take_remembered_images(SettingTables& tables, RunRequest& request, const RunState& state,
                            const Environment& environment, Opening opening) {
  const bool others = opening == Opening::existing && names_other_images(request, state);
  if (others && state.images.hold_out > 0 && !tables.settings.is_set("hold_out")) {
    environment.observer.note(
        "DATA is not the run's: the share of images that the run holds out does not apply to it");
  }
  const bool known = !state.data.empty() || !state.features.empty();
  const bool by_config = !request.config.train_db_name.empty();
  for (const std::string name : remembered_data_settings) {
    // A config says all of its data set, but nothing of how the pixels are kept.
    if (!known || (by_config && name != "cache_format")) continue;
    if (others && chooses_images(name)) continue;
    // Another share is another split.
    const bool other_split = name == "split_seed" && tables.settings.is_set("hold_out") &&
                             request.images.hold_out != state.images.hold_out;
    if (!other_split) tables.settings.suggest(name, remembered_text(state, name), from_run);
  }
  if (request.images.hold_out > 0 && request.images.split_seed < 0) {
    constexpr uint64_t largest = std::numeric_limits<int64_t>::max();
    tables.settings.suggest("split_seed", std::to_string(environment.seed & largest), "seed");
  }
}

RunImages load_images_of_run(SettingTables& tables, RunRequest& request, RunDirectory& run,
                             const PictureSize& pictures, Environment& environment, Opening opening,
                             const LoadingWatch& watch) {
  take_remembered_images(tables, request, run.state(), environment, opening);
  const std::vector<fs::path> paths = data_of_run(request, run, environment.observer);
  RunImages images = load_run_images(paths, request.images, pictures, run.path(), environment,
                                     images_with_same_split(request, run, environment), watch);
  environment.data_change = run.take_images(images.list);
  RunState& state = run.state();
  state.data.clear();
  for (const fs::path& path : paths) state.data.push_back(fs::absolute(path).lexically_normal());
  state.root = images.root;
  state.images = request.images;
  if (fs::is_regular_file(state.images.subset)) {
    state.images.subset = fs::absolute(state.images.subset).lexically_normal().string();
  }
  state.features.clear();
  state.paths.clear();
  return images;
}

void remember_computation(RunDirectory& run, const SettingTables& tables, const RunRequest& request,
                          const Environment& environment) {
  run.state().seed = environment.seed;
  const bool by_config = tables.published && !tables.settings.is_set("precision");
  if (!by_config) run.state().precision = request.compute.precision;
}

Environment measuring_environment(const SettingTables& tables, const Environment& environment) {
  Environment measuring = environment;
  if (tables.published && !tables.settings.is_set("precision")) {
    measuring.precision = Precision::fp32;
  }
  return measuring;
}

void fit_views(ViewSettings& views, const Schema& schema, int image_size,
               const NormalizeSettings& normalize) {
  const auto fit = [&schema](const char* name, auto& target, const auto& value) {
    if (!schema.is_set(name)) target = value;
  };
  fit("augmentation_kwargs.random_resized_crop.size", views.resized_crop_size, image_size);
  fit("augmentation_kwargs.crop_size", views.crop_size, image_size);
  fit("augmentation_kwargs.cutout_kwargs.length", views.cutout.length,
      published_cutout_length(image_size));
  fit("transformation_kwargs.crop_size", views.evaluation_crop_size, image_size);
  fit("augmentation_kwargs.normalize.mean", views.normalize.mean, normalize.mean);
  fit("augmentation_kwargs.normalize.std", views.normalize.std, normalize.std);
  fit("transformation_kwargs.normalize.mean", views.evaluation_normalize.mean, normalize.mean);
  fit("transformation_kwargs.normalize.std", views.evaluation_normalize.std, normalize.std);
}

void note_deviations(const SettingTables& tables, Setup stage, const Environment& environment) {
  if (!tables.published) return;
  for (const std::string& text : deviations(stage, tables.settings, environment.precision)) {
    environment.observer.note(deviation_begins + text);
  }
}

}  // namespace nolabel
