#include "nolabel/pipeline/run_images.h"

#include <algorithm>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/skipped.h"
#include "nolabel/data/split.h"
#include "nolabel/pipeline/kept_split.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/workers/shared_reading.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Notes how many images are copies of others, and warns of validation images that are copies of
// training images.
void report_duplicates(const RunImages& images, const fs::path& directory,
                       const Environment& environment) {
  const bool near = images.grouped;
  const std::vector<int64_t>& representative = images.screening.representative;
  const fs::path list = directory / "duplicates.csv";
  write_duplicates(list, images.list, representative);
  int64_t copies = 0, trained_on = 0;
  for (int64_t i = 0; i < std::ssize(representative); ++i) {
    if (representative[i] == i) continue;
    ++copies;
    const bool straddles = (i < images.train.size()) != (representative[i] < images.train.size());
    if (straddles) ++trained_on;
  }
  if (copies == 0) return;
  environment.observer.note(
      near ? format("{} images are near-duplicates of other images; one of each group trains, and "
                    "the others take its cluster ({} lists the groups)",
                    copies, list.string())
           : format("{} images are exact copies of other images; {} lists them", copies,
                    list.string()));
  if (trained_on == 0) return;
  environment.observer.warn(
      format("{} of {} validation images are {}copies of training images, so the validation "
             "figures are too good",
             trained_on, images.validation->size(), near ? "" : "exact "));
}

void report_without_content(const Screening& screening, const Environment& environment) {
  const auto empty = std::ranges::count(screening.has_content, false);
  if (empty == 0) return;
  environment.observer.note(format(
      "{} images are plain or noise; nolabel does not train on them and marks them unsure", empty));
}

// [N] which images must not be separated.
std::vector<int64_t> groups_of_split(const Screening& screening, const DataSettings& settings) {
  if (settings.duplicates == Duplicates::group) return screening.representative;
  std::vector<int64_t> alone(screening.representative.size());
  std::iota(alone.begin(), alone.end(), 0);
  return alone;
}

uint64_t seed_of_split(const DataSettings& settings) {
  return static_cast<uint64_t>(std::max<int64_t>(0, settings.split_seed));
}

void require_two_in_each(const HoldOut& parts, const DataSettings& settings) {
  if (std::min(parts.train.size(), parts.test.size()) >= 2) return;
  fail_usage(
      "hold_out must leave at least 2 images in each split, and near-duplicates in the same one. "
      "{} of {} images leaves {} and {}.",
      settings.hold_out, parts.train.size() + parts.test.size(), parts.train.size(),
      parts.test.size());
}

// Of images without a split of their own.
HoldOut hold_out_of(const Screening& screening, const LoadedImages& loaded,
                    const DataSettings& settings, const std::optional<PlacedImages>& earlier) {
  const std::vector<int64_t> group = groups_of_split(screening, settings);
  if (!earlier) return checked_hold_out(group, settings);
  PlacedImages now{.list = {}, .root = loaded.root};
  now.list.add(loaded.dataset, loaded.contents);
  HoldOut parts = kept_hold_out(earlier_sides(*earlier, now), group, loaded.contents,
                                settings.hold_out, seed_of_split(settings));
  require_two_in_each(parts, settings);
  return parts;
}

// The screening of the images in another order [N], a permutation.
Screening reordered(const Screening& screening, const std::vector<int64_t>& order) {
  std::vector<int64_t> place(order.size());
  for (size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<int64_t>(i);
  Screening result;
  for (const int64_t i : order) {
    result.representative.push_back(place[screening.representative[i]]);
    result.has_content.push_back(screening.has_content[i]);
  }
  return result;
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

LoadOptions load_options(const DataSettings& settings, const PictureSize& pictures,
                         const fs::path& cache, const Environment& environment) {
  LoadOptions options;
  options.labels = settings.labels;
  options.coarse = settings.coarse;
  options.subset = settings.subset;
  options.pictures = pictures;
  options.reduced_decode = settings.reduced_decode;
  options.memory_bytes = static_cast<int64_t>(settings.memory_mb) << 20;
  options.cache_directory = cache;
  options.cache_format = settings.cache.format;
  options.strict = settings.strict;
  options.threads = environment.threads;
  options.help = shared_reading(environment.group);
  return options;
}

std::string RunImages::fingerprint() const {
  return validation ? train.fingerprint() + "+" + validation->fingerprint() : train.fingerprint();
}

std::string RunImages::pretext_fingerprint() const {
  return pretext ? pretext->fingerprint() + "+" + fingerprint() : fingerprint();
}

HoldOut checked_hold_out(int64_t count, const DataSettings& settings) {
  HoldOut parts = hold_out(count, settings.hold_out, seed_of_split(settings));
  require_two_in_each(parts, settings);
  return parts;
}

HoldOut checked_hold_out(const std::vector<int64_t>& group, const DataSettings& settings) {
  HoldOut parts = hold_out(group, settings.hold_out, seed_of_split(settings));
  require_two_in_each(parts, settings);
  return parts;
}

RunImages load_run_images(const std::vector<fs::path>& paths, const DataSettings& settings,
                          const PictureSize& pictures, const fs::path& directory,
                          const Environment& environment,
                          const std::optional<PlacedImages>& earlier, const LoadingWatch& watch) {
  LoadOptions options = load_options(
      settings, pictures, cache_directory(settings.cache, directory, environment), environment);
  const bool split = has_split(paths);
  options.split = split ? Split::train : Split::all;
  LoadedParts parts_ahead(watch, settings, environment);
  options.watch = parts_ahead.next(0, [&]() -> int64_t {
    if (!split) return 0;
    LoadOptions of_test = options;
    of_test.split = Split::test;
    return std::ssize(list_images(paths, of_test, environment.observer.silent()).images);
  });
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
    with_unlabeled.watch = {};
    images.pretext = load_images(paths, with_unlabeled, environment.observer).dataset;
  }
  const std::optional<fs::path> kept = directory / "features";
  if (split) {
    options.split = Split::test;
    options.watch = parts_ahead.next(loaded.dataset.size(), [] { return int64_t{0}; });
    LoadedImages test = load_images(paths, options, environment.observer);
    images.validation = test.dataset;
    images.skipped.insert(images.skipped.end(), test.skipped.begin(), test.skipped.end());
    loaded.contents.insert(loaded.contents.end(), test.contents.begin(), test.contents.end());
  }
  std::vector<const Dataset*> datasets = {&loaded.dataset};
  if (split) datasets.push_back(&*images.validation);
  images.screening = run_screening({datasets, loaded.contents, images.fingerprint()},
                                   settings.duplicates, kept, environment);
  if (!split && settings.hold_out > 0) {
    const HoldOut parts = hold_out_of(images.screening, loaded, settings, earlier);
    images.train = loaded.dataset.subset(parts.train);
    images.validation = loaded.dataset.subset(parts.test);
    std::vector<int64_t> order = parts.train;
    order.insert(order.end(), parts.test.begin(), parts.test.end());
    loaded.contents = subset(loaded.contents, order);
    images.screening = reordered(images.screening, order);
    represent_by_training_images(images.screening, images.train.size());
    images.list.held_out = parts.test.size();
  }
  say_what_is_left_out(paths, split, environment);
  report_skipped(images, directory, environment);
  const std::span contents(loaded.contents);
  const auto train_size = static_cast<size_t>(images.train.size());
  images.list.add(images.train, {contents.begin(), contents.begin() + train_size});
  if (images.validation) {
    images.list.add(*images.validation, {contents.begin() + train_size, contents.end()});
  }
  images.grouped = settings.duplicates == Duplicates::group;
  report_duplicates(images, directory, environment);
  report_without_content(images.screening, environment);
  const std::vector<int64_t> trained = training_images(images.screening, images.train.size());
  if (images.grouped && !images.pretext && std::ssize(trained) < images.train.size()) {
    images.pretext = images.train.subset(trained);
  }
  return images;
}

RunImages load_split(const std::vector<fs::path>& paths, const DataSettings& settings,
                     const PictureSize& pictures, RunSplit split, const fs::path& directory,
                     const Environment& environment) {
  LoadOptions options = load_options(
      settings, pictures, cache_directory(settings.cache, directory, environment), environment);
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
    const Screening screening =
        run_screening({{&images.train}, loaded.contents, images.train.fingerprint()},
                      settings.duplicates, std::nullopt, environment);
    const HoldOut parts = checked_hold_out(groups_of_split(screening, settings), settings);
    images.train = images.train.subset(split == RunSplit::train ? parts.train : parts.test);
  }
  report_skipped(images, directory, environment);
  return images;
}

}  // namespace nolabel
