#include "nolabel/pipeline/run_images.h"

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/skipped.h"
#include "nolabel/data/split.h"
#include "nolabel/pipeline/picture_size.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// The images of both splits, the training images first.
struct BothSplits {
  std::vector<std::string> names;
  std::vector<ContentId> contents;
  int64_t train_size = 0;

  // contents [N] of the data set
  void add(const Dataset& dataset, const std::vector<ContentId>& of_them) {
    for (int64_t i = 0; i < dataset.size(); ++i) names.push_back(dataset.name(i));
    contents.insert(contents.end(), of_them.begin(), of_them.end());
  }
};

// "path,same_as": every image that is byte-identical to an earlier one, and that one. Nothing when
// there are none.
void report_duplicates(const BothSplits& images, const fs::path& directory,
                       const Environment& environment) {
  std::string text;
  int64_t count = 0, trained_on = 0;
  for (const auto& group : identical_groups(images.contents)) {
    for (size_t i = 1; i < group.size(); ++i, ++count) {
      text += csv_row({images.names[group[i]], images.names[group[0]]});
      if (group[0] < images.train_size && group[i] >= images.train_size) ++trained_on;
    }
  }
  if (count == 0) return;
  const fs::path list = directory / "duplicates.csv";
  write_file(list, csv_row({"path", "same_as"}) + text);
  environment.observer.note(
      format("{} images are exact copies of other images; {} lists them", count, list.string()));
  if (trained_on == 0) return;
  environment.observer.warn(
      format("{} of {} validation images are exact copies of training images, so the validation "
             "figures are too good",
             trained_on, std::ssize(images.contents) - images.train_size));
}

std::vector<ContentId> subset(const std::vector<ContentId>& contents,
                              const std::vector<int64_t>& indices) {
  std::vector<ContentId> chosen;
  for (const int64_t i : indices) chosen.push_back(contents[i]);
  return chosen;
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
          format("{} has train and test folders, so nolabel leaves out its other folders ({})",
                 path.string(), names));
    } else if (!split && has) {
      environment.observer.warn(
          format("{} has train and test images, but another path has no such split, so nolabel "
                 "trains on all images",
                 path.string()));
    }
  }
}

fs::path cache_directory(const CacheSettings& settings, const fs::path& run,
                         const Environment& environment) {
  if (!settings.directory.empty()) return settings.directory;
  return environment.cache_directory.empty() ? run / "cache" : environment.cache_directory;
}

LoadOptions load_options(const DataSettings& settings, const PictureSize& pictures,
                         const fs::path& directory, const Environment& environment) {
  LoadOptions options;
  options.labels = settings.labels;
  options.coarse = settings.coarse;
  options.subset = settings.subset;
  options.short_side = pictures.short_side;
  options.enlarge = pictures.enlarge;
  options.interpolation = pictures.interpolation;
  options.reduced_decode = settings.reduced_decode;
  options.memory_bytes = static_cast<int64_t>(settings.memory_mb) << 20;
  options.cache_directory = cache_directory(settings.cache, directory, environment);
  options.cache_format = settings.cache.format;
  options.strict = settings.strict;
  options.threads = environment.threads;
  return options;
}

void report_skipped(const RunImages& images, const fs::path& directory,
                    const Environment& environment) {
  if (!images.skipped.empty()) {
    const fs::path list = directory / "skipped.csv";
    write_skipped_csv(list, images.skipped);
    environment.observer.warn(
        format("{} of {} files could not be used as images; {} lists the files and the reasons",
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

std::string RunImages::pretext_fingerprint() const {
  return pretext ? pretext->fingerprint() + "+" + fingerprint() : fingerprint();
}

HoldOut checked_hold_out(int64_t count, const DataSettings& settings) {
  HoldOut parts = hold_out(count, settings.hold_out,
                           static_cast<uint64_t>(std::max<int64_t>(0, settings.split_seed)));
  if (std::min(parts.train.size(), parts.test.size()) < 2) {
    fail_usage(
        "hold_out must leave at least 2 images in each split. {} of {} images leaves {} and {}.",
        settings.hold_out, count, parts.train.size(), parts.test.size());
  }
  return parts;
}

RunImages load_run_images(const std::vector<fs::path>& paths, const DataSettings& settings,
                          const PictureSize& pictures, const fs::path& directory,
                          const Environment& environment) {
  LoadOptions options = load_options(settings, pictures, directory, environment);
  const bool split = has_split(paths);
  options.split = split ? Split::train : Split::all;
  LoadedImages loaded = load_images(paths, options, environment.observer);
  RunImages images{.train = loaded.dataset,
                   .validation = std::nullopt,
                   .pretext = std::nullopt,
                   .root = loaded.root,
                   .skipped = loaded.skipped,
                   .labels_from_folders = loaded.labels_from_folders};
  if (settings.unlabeled) {
    LoadOptions with_unlabeled = options;
    with_unlabeled.unlabeled = true;
    images.pretext = load_images(paths, with_unlabeled, environment.observer).dataset;
  }
  std::vector<ContentId> validation_contents;
  if (split) {
    options.split = Split::test;
    LoadedImages test = load_images(paths, options, environment.observer);
    images.validation = test.dataset;
    images.skipped.insert(images.skipped.end(), test.skipped.begin(), test.skipped.end());
    validation_contents = std::move(test.contents);
  } else if (settings.hold_out > 0) {
    const HoldOut parts = checked_hold_out(loaded.dataset.size(), settings);
    images.train = loaded.dataset.subset(parts.train);
    images.validation = loaded.dataset.subset(parts.test);
    validation_contents = subset(loaded.contents, parts.test);
    loaded.contents = subset(loaded.contents, parts.train);
  }
  say_what_is_left_out(paths, split, environment);
  report_skipped(images, directory, environment);
  BothSplits both{.names = {}, .contents = {}, .train_size = images.train.size()};
  both.add(images.train, loaded.contents);
  if (images.validation) both.add(*images.validation, validation_contents);
  report_duplicates(both, directory, environment);
  images.list.add(images.train, loaded.contents);
  if (images.validation) images.list.add(*images.validation, validation_contents);
  return images;
}

RunImages load_split(const std::vector<fs::path>& paths, const DataSettings& settings,
                     const PictureSize& pictures, RunSplit split, const fs::path& directory,
                     const Environment& environment) {
  LoadOptions options = load_options(settings, pictures, directory, environment);
  const bool own_split = has_split(paths);
  if (own_split) options.split = split == RunSplit::train ? Split::train : Split::test;
  LoadedImages loaded = load_images(paths, options, environment.observer);
  RunImages images{.train = std::move(loaded.dataset),
                   .validation = std::nullopt,
                   .pretext = std::nullopt,
                   .root = loaded.root,
                   .skipped = std::move(loaded.skipped),
                   .labels_from_folders = loaded.labels_from_folders};
  if (!own_split && settings.hold_out > 0) {
    const HoldOut parts = checked_hold_out(images.train.size(), settings);
    images.train = images.train.subset(split == RunSplit::train ? parts.train : parts.test);
  }
  report_skipped(images, directory, environment);
  return images;
}

}  // namespace nolabel
