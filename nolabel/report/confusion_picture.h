// The confusion matrix as a picture (confusion_matrix.png in a stage's folder).
#pragma once

#include <string>
#include <vector>

#include "nolabel/base/npy.h"
#include "nolabel/image/image.h"

namespace nolabel {

// One square per cell, darker for a larger share; shares in percent where they fit, class names
// where there is room for lines of text.
//   confusion    [C, C or C+1] as confusion_matrix() returns it
//   class_names  [C]
Image confusion_picture(const Matrix<float>& confusion,
                        const std::vector<std::string>& class_names);

}  // namespace nolabel
