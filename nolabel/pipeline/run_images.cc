#include "nolabel/pipeline/run_images.h"

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/skipped.h"
#include "nolabel/data/split.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/pipeline/run_directory.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// "path,same_as": every image that is byte-identical to an earlier one of its side, and that one.
// Nothing when there are none.
void report_duplicates(const std::vector<const LoadedImages*>& sides, const fs::path& directory,
                       const Environment& environment) {
  std::string text;
  int64_t count = 0;
  for (const LoadedImages* side : sides) {
    for (const auto& group : side->duplicates) {
      for (size_t i = 1; i < group.size(); ++i, ++count) {
        text += csv_row({side->dataset.name(group[i]), side->dataset.name(group[0])});
      }
    }
  }
  if (count == 0) return;
  const fs::path list = directory / "duplicates.csv";
  write_file(list, csv_row({"path", "same_as"}) + text);
  environment.observer.note(
      format("{} images are exact copies of another one; listed in {}", count, list.string()));
}

// Parts of the given images that nobody asked to leave out.
void say_what_is_left_out(const std::vector<fs::path>& paths, bool split,
                          const Environment& environment) {
  for (const fs::path& path : paths) {
    const bool has = has_split({path});
    if (split && has) {
      const std::vector<std::string> beside = folders_beside_split(path);
      if (beside.empty()) continue;
      std::string names;
      for (const std::string& name : beside) names += (names.empty() ? "" : ", ") + name;
      environment.observer.warn(
          format("{} has train and test folders: the others in it are left out ({})", path.string(),
                 names));
    } else if (!split && has) {
      environment.observer.warn(
          format("{} has train and test images, but other paths have none: all are trained on",
                 path.string()));
    }
  }
}

void report_skipped(const RunImages& images, const fs::path& directory,
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
}

}  // namespace

std::string RunImages::fingerprint() const {
  return validation ? train.fingerprint() + "+" + validation->fingerprint() : train.fingerprint();
}

nlohmann::json describe_data(const std::vector<fs::path>& paths, const DataSettings& settings) {
  nlohmann::json description = {{"data", nlohmann::json::array()}};
  for (const fs::path& path : paths)
    description["data"].push_back(path_to_json(fs::absolute(path)));
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
  const PictureSize kept = picture_size(image_size);
  options.short_side = kept.short_side;
  options.enlarge = kept.enlarge;
  options.reduced_decode = settings.reduced_decode;
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
                   .skipped = loaded.skipped};
  std::vector<const LoadedImages*> sides{&loaded};
  std::optional<LoadedImages> test;
  if (split) {
    options.split = Split::test;
    test = load_images(paths, options, environment.observer);
    images.validation = test->dataset;
    images.skipped.insert(images.skipped.end(), test->skipped.begin(), test->skipped.end());
    sides.push_back(&*test);
  } else if (settings.hold_out > 0) {
    const HoldOut parts = hold_out(loaded.dataset.size(), settings.hold_out, environment.seed);
    if (std::min(parts.train.size(), parts.test.size()) < 2) {
      fail_usage(
          "hold_out must leave at least 2 images on each side. {} of {} images leaves {} "
          "and {}.",
          settings.hold_out, loaded.dataset.size(), parts.train.size(), parts.test.size());
    }
    images.train = loaded.dataset.subset(parts.train);
    images.validation = loaded.dataset.subset(parts.test);
  }
  say_what_is_left_out(paths, split, environment);
  report_skipped(images, directory, environment);
  report_duplicates(sides, directory, environment);
  return images;
}

}  // namespace nolabel
