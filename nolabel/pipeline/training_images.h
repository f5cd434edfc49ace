// Which of a subject's images train: one of each group of near-duplicates, and none that shows
// nothing (data/screening.h). Groups were found by pixels; here they are confirmed by features.
#pragma once

#include <filesystem>

#include "nolabel/base/npy.h"
#include "nolabel/pipeline/subject.h"

namespace nolabel {

// Throws Error(Fault::data) when copies and images that show nothing leave fewer than 2 of the
// given images.
void require_training_images(int64_t given, int64_t trained);

// Moves the images that do not train out of subject.train. An image whose feature is unlike that of
// the one that stands for it (a cosine below 0.5 around the mean of all) is no near-duplicate after
// all; a note says how many there are, and `directory`/duplicates.csv is written anew. Leaves the
// subject alone with Duplicates::keep and for features that the user gives. Throws
// Error(Fault::data) when fewer than 2 images are left.
void select_training_images(Subject& subject, const std::filesystem::path& directory,
                            const Environment& environment);

// Rows [given,C] from those of the images that train and of those aside (may be empty when there
// are none).
Matrix<float> rows_of_given(const Subject& subject, const Matrix<float>& of_train,
                            const Matrix<float>& of_aside);

}  // namespace nolabel
