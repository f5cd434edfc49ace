// One image of a data set, for as long as it is looked at.
//
// Where the data set holds pixels, this is a view of them and costs nothing; where it holds
// compressed pictures, it owns the pixels that were decoded for it. So a view is taken of a named
// DatasetImage, which outlives it: of a temporary one it does not compile.
#pragma once

#include <utility>

#include "nolabel/image/image.h"

namespace nolabel {

// Move-only. A view stays good when its image is moved.
class DatasetImage {
 public:
  // `pixels` belong to the data set.
  explicit DatasetImage(ImageView pixels) : view_(pixels) {}
  explicit DatasetImage(Image pixels) : owned_(std::move(pixels)), view_(owned_.view()) {}
  DatasetImage(DatasetImage&&) = default;
  DatasetImage& operator=(DatasetImage&&) = default;

  ImageView view() const& { return view_; }
  ImageView view() const&& = delete;
  int height() const { return view_.height; }
  int width() const { return view_.width; }

 private:
  Image owned_;  // empty when the data set holds the pixels
  ImageView view_;
};

}  // namespace nolabel
