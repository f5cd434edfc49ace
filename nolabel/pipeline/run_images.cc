#include "nolabel/pipeline/run_images.h"

#include "nolabel/base/error.h"
#include "nolabel/data/skipped.h"
#include "nolabel/data/split.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

int64_t count_duplicates(const LoadedImages& loaded) {
  int64_t count = 0;
  for (const auto& group : loaded.duplicates) count += static_cast<int64_t>(group.size()) - 1;
  return count;
}

void report_oddities(const RunImages& images, const fs::path& directory,
                     const Environment& environment) {
  if (!images.skipped.empty()) {
    const fs::path list = directory / "skipped.csv";
    write_skipped_csv(list, images.skipped);
    environment.observer.warn(
        format("{} of {} files could not be used as images; listed with "
               "their reasons in {}",
               images.skipped.size(),
               images.skipped.size() + images.train.size() +
                   (images.validation ? images.validation->size() : 0),
               list.string()));
  }
  if (images.duplicates > 0) {
    environment.observer.note(
        format("{} images are exact copies of another one", images.duplicates));
  }
}

}  // namespace

std::string RunImages::fingerprint() const {
  return validation ? train.fingerprint() + "+" + validation->fingerprint() : train.fingerprint();
}

nlohmann::json describe_data(const std::vector<fs::path>& paths, const DataSettings& settings) {
  nlohmann::json description = {{"data", nlohmann::json::array()}};
  for (const fs::path& path : paths) description["data"].push_back(fs::absolute(path).string());
  Schema schema;
  DataSettings values = settings;
  declare(schema, values);
  for (const char* name : remembered_data_settings) {
    description[name] = schema.text(*schema.find(name));
  }
  return description;
}

RunImages load_run_images(const std::vector<fs::path>& paths, const DataSettings& settings,
                          int image_size, const fs::path& directory,
                          const Environment& environment) {
  LoadOptions options;
  options.labels = settings.labels;
  options.coarse = settings.coarse;
  options.short_side = (image_size * 8 + 6) / 7;
  options.memory_bytes = static_cast<int64_t>(settings.memory_mb) << 20;
  options.cache_directory = directory / "cache";
  options.strict = settings.strict;
  options.threads = environment.threads;

  const bool split = has_split(paths);
  options.split = split ? Split::train : Split::all;
  LoadedImages loaded = load_images(paths, options, environment.observer);
  RunImages images{.train = loaded.dataset,
                   .validation = std::nullopt,
                   .root = loaded.root,
                   .skipped = loaded.skipped,
                   .duplicates = count_duplicates(loaded)};
  if (split) {
    options.split = Split::test;
    LoadedImages test = load_images(paths, options, environment.observer);
    images.validation = test.dataset;
    images.skipped.insert(images.skipped.end(), test.skipped.begin(), test.skipped.end());
    images.duplicates += count_duplicates(test);
  } else if (settings.hold_out > 0) {
    const HoldOut parts = hold_out(loaded.dataset.size(), settings.hold_out, environment.seed);
    images.train = loaded.dataset.subset(parts.train);
    images.validation = loaded.dataset.subset(parts.test);
  }
  report_oddities(images, directory, environment);
  return images;
}

}  // namespace nolabel
