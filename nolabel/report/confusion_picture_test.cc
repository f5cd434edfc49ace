#include "nolabel/report/confusion_picture.h"

#include <gtest/gtest.h>

#include <set>

namespace nolabel {
namespace {

Matrix<float> identity(int classes, int columns) {
  Matrix<float> m(classes, columns);
  for (int c = 0; c < classes; ++c) m.at(c, c) = 1;
  return m;
}

// Pixels of the color that a share of 1 gets.
int64_t full_pixels(const Image& image) {
  int64_t count = 0;
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    count += image.pixels[i] == 20 && image.pixels[i + 1] == 52 && image.pixels[i + 2] == 120;
  }
  return count;
}

TEST(ConfusionPicture, FillsOneCellPerClassOfAPerfectClustering) {
  for (int classes : {20, 100, 700}) {
    const Image image =
        confusion_picture(identity(classes, classes), std::vector<std::string>(classes, "n"));
    const int64_t per_class = full_pixels(image) / classes;
    EXPECT_EQ(full_pixels(image), per_class * classes);
    EXPECT_GE(per_class, 4) << classes;
    EXPECT_GT(image.height, 2 * classes);
    EXPECT_LT(image.height, 3000);
  }
}

TEST(ConfusionPicture, HasAColumnForUnmatchedClusters) {
  const std::vector<std::string> names = {"a class with a very long name indeed", "b", "c"};
  const Image square = confusion_picture(identity(3, 3), names);
  const Image wide = confusion_picture(identity(3, 4), names);
  EXPECT_EQ(wide.height, square.height);
  EXPECT_GE(wide.width, square.width);
}

TEST(ConfusionPicture, OfOneClassIsAPicture) {
  EXPECT_GT(full_pixels(confusion_picture(identity(1, 1), {"only"})), 1000);
}

}  // namespace
}  // namespace nolabel
