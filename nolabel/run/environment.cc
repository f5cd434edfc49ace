#include "nolabel/run/environment.h"

#include <unistd.h>

#include <cstdlib>

#include "nolabel/base/cache_folder.h"
#include "nolabel/base/threads.h"
#include "nolabel/model/device.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

}  // namespace

void declare(Schema& schema, ComputeSettings& settings) {
  schema.add("device", &settings.device, "auto, cpu, cuda or cuda:N", Effect::none);
  schema.add("precision", &settings.precision,
             "auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16",
             Effect::none);
  schema.add("threads", &settings.threads, {.low = 0, .high = 4096},
             "processor threads; 0: all that this process may use", Effect::none);
  schema.add("cuda_graph", &settings.cuda_graph,
             "on a GPU, a training in one process records its step once and repeats it; false: the "
             "processor sends each operation of each step",
             Effect::none);
  schema.add("seed", &settings.seed, "every random number follows from it");
  schema.add(
      "feature_cache", &settings.feature_cache_mb, {.low = 0, .high = 10'000'000},
      "megabytes of features of all runs that are kept in nolabel's cache folder, so that no "
      "picture is embedded twice; 0: none",
      Effect::none);
  schema.published("feature_cache", "0");
}

void declare_consent(Schema& options, ComputeSettings& settings) {
  options.add("run_program", &settings.run_program,
              "run the backbone's code if the backbone is a TorchScript program: only for a file "
              "whose origin you trust",
              Effect::none);
}

ProgramAccess program_access(const Environment& environment) {
  return {
      .use = environment.run_programs ? ProgramAccess::Use::allowed : ProgramAccess::Use::refused,
      .device = environment.device,
      .observer = environment.observer};
}

Environment make_environment(const ComputeSettings& settings, const Observer& observer) {
  Environment environment;
  environment.observer = observer;
  environment.device = choose_device(settings.device);
  if (settings.device == "auto") {
    if (const std::string reason = unused_gpu(); !reason.empty()) observer.warn(reason);
  }
  environment.precision = choose_precision(settings.precision, environment.device);
  environment.threads = settings.threads > 0 ? settings.threads : available_threads();
  environment.cuda_graph = settings.cuda_graph;
  environment.seed = settings.seed;
  environment.feature_cache_mb = settings.feature_cache_mb;
  environment.run_programs = settings.run_program;
  environment.group = settings.group;
  return environment;
}

fs::path shared_cache_directory() {
  if (const char* named = std::getenv("NOLABEL_CACHE"); named && *named != '\0') return named;
  fs::path folder = user_cache_folder();
  if (folder.empty()) return {};
  folder /= "nolabel";
  fs::path existing = folder;
  std::error_code ignored;
  while (!fs::exists(existing, ignored) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  return ::access(existing.c_str(), W_OK | X_OK) == 0 ? folder : fs::path();
}

}  // namespace nolabel
