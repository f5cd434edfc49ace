#include "cli/run_options.h"

#include <ATen/Parallel.h>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/published.h"
#include "nolabel/model/device.h"

namespace nolabel::cli {

namespace fs = std::filesystem;

void declare(Schema& schema, DeviceOptions& options) {
  schema.add("device", &options.device, "auto, cpu, cuda or cuda:N", Effect::none);
  schema.add("precision", &options.precision,
             "auto, fp32, bf16 or fp16; auto is bf16 where the device computes in it",
             Effect::none);
  schema.add("threads", &options.threads, {.low = 0, .high = 4096},
             "processor threads; 0: all that this process may use", Effect::none);
  schema.add("seed", &options.seed, "every random number follows from it");
}

void declare_run(CommandLine& line, RunOptions& options) {
  line.arguments("DATA", &options.data, 0, 1000,
                 "a folder of images, a list file (path[,label]) or CIFAR; not needed when the run "
                 "was begun with it");
  line.options().add("out", &options.out, "the run directory", Effect::none);
  line.options().add("force", &options.force,
                     "make anew what is there but was made from other settings", Effect::none);
}

void declare_run_settings(CommandLine& line, RunOptions& options) {
  declare(line.settings(), options.images);
  declare(line.settings(), options.device);
}

void declare_config(CommandLine& line, RunOptions& options) {
  declare(line, options.places);
  declare(line.settings(), options.config);
  declare_run_settings(line, options);
}

void settle_config(const CommandLine& line, RunOptions& options, Setup stage,
                   const Observer& observer) {
  const Schema& settings = line.settings();
  check_config(options.config, stage, settings);
  if (!options.config.train_db_name.empty()) {
    mean_published_data(options.images, published_data(options.config.train_db_name), stage,
                        settings);
  }
  if (options.images.cache.directory.empty()) {
    options.images.cache.directory = options.places.cache_dir;
  }
  // The published program decodes every photo in full.
  if (line.published() && !settings.is_set("reduced_decode")) {
    options.images.reduced_decode = false;
  }
  if (stage == Setup::any) return;
  std::string names;
  for (const std::string& name : settings.tolerated()) {
    names += (names.empty() ? "" : ", ") + name;
  }
  if (!names.empty()) {
    observer.note(format("keys of the config without a meaning here: {}", names));
  }
}

void say_deviations(const CommandLine& line, Setup stage, const Environment& environment) {
  if (!line.published()) return;
  for (const std::string& text : deviations(stage, line.settings(), environment.precision)) {
    environment.observer.note("unlike the published program: " + text);
  }
}

fs::path run_directory_of(const CommandLine& line, const RunOptions& options) {
  check_sources({options.data.begin(), options.data.end()});
  if (line.options().is_set("out")) return options.out;
  const std::string& name = options.config.train_db_name;
  if (name.empty()) return options.out;
  if (!options.places.root_dir.empty()) return fs::path(options.places.root_dir) / name;
  if (!line.published()) return options.out;
  fail_usage(
      "where the results go must be said: root_dir in the file of --config_env (they go to "
      "root_dir/{}), or --out.",
      name);
}

fs::path existing_run_directory_of(const CommandLine& line, const RunOptions& options) {
  fs::path directory = run_directory_of(line, options);
  if (!fs::is_directory(directory)) {
    fail_usage("--out must be a run directory. {} does not exist.", directory.string());
  }
  return directory;
}

namespace {

std::vector<fs::path> published_images(const std::string& name, const RunPlaces& places,
                                       const Observer& observer) {
  if (!knows(places, name)) {
    fail_usage(
        "DATA is required, or where {} is: datasets: {{{}: FOLDER}} in the file of --config_env, "
        "--data-root DIR or NOLABEL_DATA. None of them is given.",
        name, name);
  }
  return {find_published(published_data(name), places, observer)};
}

}  // namespace

Environment make_environment(const DeviceOptions& options, const Observer& observer) {
  Environment environment;
  environment.observer = observer;
  environment.device = choose_device(options.device);
  if (options.device == "auto") {
    if (const std::string reason = unused_gpu(); !reason.empty()) observer.warn(reason);
  }
  environment.precision = choose_precision(options.precision, environment.device);
  environment.threads = options.threads > 0 ? options.threads : available_threads();
  environment.seed = options.seed;
  environment.cache_directory = shared_cache_directory();
  at::set_num_threads(environment.threads);
  return environment;
}

std::vector<fs::path> data_of_run(const RunOptions& options, const RunDirectory& run,
                                  const Observer& observer) {
  if (!options.data.empty()) return {options.data.begin(), options.data.end()};
  const nlohmann::json& description = run.description();
  const std::string& name = options.config.train_db_name;
  if (!name.empty() && (knows(options.places, name) || !description.contains("data"))) {
    return published_images(name, options.places, observer);
  }
  if (!description.contains("data")) {
    fail_usage("DATA is required: {} does not say which images it is about.", run.path().string());
  }
  std::vector<fs::path> paths;
  for (const std::string& path : texts_of(description, "data")) {
    paths.push_back(path_from_json(path));
  }
  return paths;
}

std::vector<fs::path> data_of_file(const RunOptions& options, const Observer& observer) {
  if (!options.data.empty()) return {options.data.begin(), options.data.end()};
  const std::string& name = options.config.train_db_name;
  if (name.empty()) fail_usage("DATA is required, or train_db_name in a config.");
  return published_images(name, options.places, observer);
}

RunImages load_images_of_run(const CommandLine& line, RunOptions& options, RunDirectory& run,
                             const PictureSize& pictures, const Environment& environment) {
  Schema schema;
  DataSettings settings = options.images;
  declare(schema, settings);
  constexpr std::string_view cache_format = "cache_format";
  const nlohmann::json& description = run.description();
  for (const char* name : remembered_data_settings) {
    // A config says all of its data set, but nothing of how it is kept.
    const bool by_config = !options.config.train_db_name.empty() && name != cache_format;
    const bool said = line.settings().is_set(name) || by_config;
    if (!said && description.contains(name)) {
      schema.set(name, text_of(description, name, ""), "run.json");
    }
  }
  options.images = settings;

  const std::vector<fs::path> paths = data_of_run(options, run, environment.observer);
  RunImages images = load_run_images(paths, options.images, pictures, run.path(), environment);
  run.describe(describe_data(paths, options.images));
  return images;
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

}  // namespace nolabel::cli
