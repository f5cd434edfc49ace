#include "nolabel/pipeline/run_screening.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/npy.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Of screen_images(): change it with what that finds.
constexpr int screening_version = 1;
constexpr double largest_share_without_content = 0.1;

// Nothing where the file is not about so many images, or names one that is not there: nobody chose
// what it holds, so it is made anew.
std::optional<Screening> read_screening(const fs::path& file, int64_t images) {
  const Matrix<int64_t> kept = read_npy_int64(file);
  if (kept.rows != images || kept.columns != 2) return std::nullopt;
  Screening screening;
  for (int64_t i = 0; i < images; ++i) {
    const int64_t standing = kept.at(i, 0);
    if (standing < 0 || standing >= images || kept.at(standing, 0) != standing) {
      return std::nullopt;
    }
    screening.representative.push_back(standing);
    screening.has_content.push_back(kept.at(i, 1) != 0);
  }
  return screening;
}

void write_screening(const fs::path& file, const Screening& screening) {
  Matrix<int64_t> kept(std::ssize(screening.representative), 2);
  for (int64_t i = 0; i < kept.rows; ++i) {
    kept.at(i, 0) = screening.representative[i];
    kept.at(i, 1) = screening.has_content[i] ? 1 : 0;
  }
  write_npy(file, kept);
}

Screening screened(const ScreenedData& data, Ended ended, const Environment& environment) {
  Screening screening;
  run_unsaved(
      "looking for near-duplicates", ended, environment.observer, [&](const Observer& observer) {
        screening = screen_images(data.datasets, data.contents, environment.threads, observer);
      });
  return screening;
}

Screening kept_screening(const ScreenedData& data, const std::optional<fs::path>& directory,
                         const Environment& environment) {
  if (!directory) return screened(data, Ended::lost, environment);
  const fs::path file = *directory / "screening.npy";
  const Provenance provenance{.stage = "screening",
                              .settings = {{"version", screening_version}},
                              .data = data.fingerprint,
                              .inputs = nlohmann::json::object(),
                              .seed = 0};
  if (is_current(file, provenance)) {
    if (auto kept = read_screening(file, std::ssize(data.contents))) return *std::move(kept);
  }
  const auto start = std::chrono::steady_clock::now();
  Screening screening = screened(data, Ended::kept, environment);
  make_directory(*directory);
  write_screening(file, screening);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  write_sidecar(file, provenance, environment, seconds.count());
  return screening;
}

}  // namespace

Screening run_screening(const ScreenedData& data, Duplicates duplicates,
                        const std::optional<fs::path>& directory, const Environment& environment) {
  if (duplicates == Duplicates::keep) return only_exact_copies(data.contents);
  Screening screening = kept_screening(data, directory, environment);
  const auto images = std::ssize(screening.has_content);
  const auto empty = std::ranges::count(screening.has_content, false);
  if (static_cast<double>(empty) > largest_share_without_content * static_cast<double>(images)) {
    environment.observer.note(
        format("{} of {} images are plain or noise; because they are so many, nolabel takes them "
               "for what this collection shows",
               empty, images));
    screening.has_content.assign(screening.has_content.size(), true);
  }
  return screening;
}

void write_duplicates(const fs::path& file, const ImageList& images,
                      const std::vector<int64_t>& representative) {
  const auto groups = groups_of(representative);
  if (groups.empty()) {
    std::error_code absent;
    fs::remove(file, absent);
    return;
  }
  std::string text = csv_row({"group", "path"});
  for (size_t group = 0; group < groups.size(); ++group) {
    for (const int64_t image : groups[group]) {
      text += csv_row({std::to_string(group), images.images[image].name});
    }
  }
  write_file(file, text);
}

}  // namespace nolabel
