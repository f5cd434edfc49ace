#include "cli/run_options.h"

#include <ATen/Parallel.h>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
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
  declare(line.options(), options.device);
  declare(line.options(), options.images);
}

fs::path run_directory_of(const RunOptions& options) {
  check_sources({options.data.begin(), options.data.end()});
  return options.out;
}

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
  at::set_num_threads(environment.threads);
  return environment;
}

std::vector<fs::path> data_of_run(const RunOptions& options, const RunDirectory& run) {
  if (!options.data.empty()) return {options.data.begin(), options.data.end()};
  const nlohmann::json& description = run.description();
  if (!description.contains("data")) {
    fail_usage("DATA is required: {} does not say which images it is about.", options.out);
  }
  std::vector<fs::path> paths;
  for (const std::string& path : texts_of(description, "data")) {
    paths.push_back(path_from_json(path));
  }
  return paths;
}

RunImages load_images_of_run(const CommandLine& line, RunOptions& options, RunDirectory& run,
                             int image_size, const Environment& environment) {
  Schema schema;
  DataSettings settings = options.images;
  declare(schema, settings);
  const nlohmann::json& description = run.description();
  for (const char* name : remembered_data_settings) {
    if (!line.options().is_set(name) && description.contains(name)) {
      schema.set(name, text_of(description, name, ""), "run.json");
    }
  }
  options.images = settings;

  const std::vector<fs::path> paths = data_of_run(options, run);
  RunImages images = load_run_images(paths, options.images, image_size, run.path(), environment);
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
