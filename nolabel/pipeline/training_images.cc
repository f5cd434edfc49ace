#include "nolabel/pipeline/training_images.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/yardstick.h"

namespace nolabel {
namespace {

// Copies that were cropped and strongly recompressed still have 0.6; images of one kind often less
// (docs/method.md, Near-duplicates).
constexpr double least_cosine = 0.5;

// Takes images with other features out of their groups; returns how many.
int64_t dissolve_unlike(Screening& screening, const Subject& subject) {
  const CenteredUnitSpace space(subject.given.features);
  at::Tensor rows = space.rows(subject.given.features);
  if (subject.validation) rows = at::cat({rows, space.rows(subject.validation->features)});
  const std::vector<ImageList::Image>& images = subject.images->list.images;
  std::map<ContentId, int64_t> own_group;  // of those that were taken out, by content
  int64_t count = 0;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const int64_t standing = screening.representative[i];
    if (standing == i || images[i].content == images[standing].content) continue;
    if (rows[i].dot(rows[standing]).item<double>() >= least_cosine) continue;
    screening.representative[i] = own_group.try_emplace(images[i].content, i).first->second;
    ++count;
  }
  return count;
}

SubjectSplit part_of(Subject& subject, const std::vector<int64_t>& rows) {
  const SubjectSplit& given = subject.given;
  subject.subsets.push_back(std::make_shared<const Dataset>(given.dataset->subset(rows)));
  SubjectSplit part;
  part.dataset = subject.subsets.back().get();
  part.place = given.place;
  for (const int64_t row : rows) {
    part.names.push_back(given.names[row]);
    if (!given.labels.empty()) part.labels.push_back(given.labels[row]);
  }
  const at::Tensor indices = at::tensor(rows, at::kLong);
  part.features = given.features.index_select(0, indices);
  part.mined =
      given.mined.is_same(given.features) ? part.features : given.mined.index_select(0, indices);
  return part;
}

}  // namespace

void require_training_images(int64_t given, int64_t trained) {
  if (trained >= 2 || trained == given) return;
  fail_data(
      "at least 2 images must differ and show something. Of {} images, {} are left without copies "
      "and images that are plain or noise; --duplicates keep takes all of them.",
      given, trained);
}

void select_training_images(Subject& subject, const std::filesystem::path& directory,
                            const Environment& environment) {
  if (!subject.images || !subject.images->grouped) return;
  Screening screening = subject.images->screening;
  if (const int64_t unlike = dissolve_unlike(screening, subject); unlike > 0) {
    environment.observer.note(
        format("{} images look like copies, but the backbone sees something else in them, so they "
               "train like the others",
               unlike));
    write_duplicates(directory / "duplicates.csv", subject.images->list, screening.representative);
  }
  const int64_t given = std::ssize(subject.given.names);
  const std::vector<int64_t> trained = training_images(screening, given);
  subject.screening = std::move(screening);
  if (std::ssize(trained) == given) return;
  require_training_images(given, std::ssize(trained));
  std::vector<int64_t> aside;
  std::vector<int64_t> row(given, 0);
  for (size_t i = 0; i < trained.size(); ++i) row[trained[i]] = static_cast<int64_t>(i);
  for (int64_t i = 0; i < given; ++i) {
    if (subject.screening.has_content[i] || subject.is_duplicate(i)) continue;
    row[i] = -1 - std::ssize(aside);
    aside.push_back(i);
  }
  for (int64_t i = 0; i < given; ++i) {
    subject.row_of_given[i] = row[subject.screening.representative[i]];
  }
  subject.train = part_of(subject, trained);
  if (!aside.empty()) {
    subject.aside = part_of(subject, aside);
    subject.aside->place.reset();
  }
  subject.data_fingerprint = subject.train.dataset->fingerprint();
  if (subject.validation) {
    subject.data_fingerprint += "+" + subject.validation->dataset->fingerprint();
  }
}

Matrix<float> rows_of_given(const Subject& subject, const Matrix<float>& of_train,
                            const Matrix<float>& of_aside) {
  const auto given = std::ssize(subject.row_of_given);
  if (given == of_train.rows && !subject.aside) return of_train;
  Matrix<float> rows(given, of_train.columns);
  for (int64_t i = 0; i < given; ++i) {
    const int64_t row = subject.row_of_given[i];
    const Matrix<float>& source = row >= 0 ? of_train : of_aside;
    std::copy_n(source.row(row >= 0 ? row : -1 - row), of_train.columns, rows.row(i));
  }
  return rows;
}

}  // namespace nolabel
