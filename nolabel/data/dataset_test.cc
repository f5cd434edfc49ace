#include "nolabel/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

using testing::ElementsAre;

Image filled(int height, int width, uint8_t value) {
  Image image(height, width);
  image.pixels.assign(image.pixels.size(), value);
  return image;
}

int level(const Dataset& data, int64_t i, int y, int x) {
  const DatasetImage image = data.image(i);
  return *image.view().pixel(y, x);
}

// What would dangle does not compile.
template <class T>
concept CanBeViewed = requires(T&& image) {
  std::forward<T>(image).view();
};
static_assert(CanBeViewed<const DatasetImage&> && !CanBeViewed<DatasetImage>);
static_assert(!std::is_copy_constructible_v<DatasetImage>);

TEST(Dataset, AnImageThatOwnsItsPixelsKeepsThemWhenMoved) {
  DatasetImage first(filled(2, 3, 7));
  const uint8_t* pixels = first.view().data;
  const DatasetImage second(std::move(first));
  EXPECT_EQ(second.view().data, pixels);
  EXPECT_EQ(*second.view().pixel(1, 2), 7);
}

TEST(Dataset, ViewsImagesOfDifferentSizes) {
  const Dataset data =
      make_dataset({filled(2, 3, 10), filled(1, 4, 20)}, {"a", "b"}, {1, 0}, {"x", "y"});
  ASSERT_EQ(data.size(), 2);
  EXPECT_EQ(data.height(1), 1);
  EXPECT_EQ(data.width(1), 4);
  EXPECT_EQ(level(data, 0, 1, 2), 10);
  EXPECT_EQ(level(data, 1, 0, 0), 20);
  EXPECT_EQ(data.label(0), 1);
  EXPECT_THAT(data.labels(), ElementsAre(1, 0));
}

TEST(Dataset, HasLabelsOnlyWhenEveryImageHasOne) {
  const Dataset data = make_dataset({filled(1, 1, 0), filled(1, 1, 1)}, {"a", "b"}, {0, -1});
  EXPECT_FALSE(data.has_labels());
  EXPECT_EQ(data.label(1), std::nullopt);
  EXPECT_TRUE(data.labels().empty());
}

TEST(Dataset, FingerprintFollowsPixelsNamesSizesAndOrderButNotLabels) {
  const auto fingerprint = [](const std::vector<Image>& images, std::vector<std::string> names,
                              std::vector<int> labels = {}) {
    return make_dataset(images, names, labels).fingerprint();
  };
  const std::string base = fingerprint({filled(2, 3, 1), filled(2, 3, 2)}, {"a", "b"});
  EXPECT_EQ(base, fingerprint({filled(2, 3, 1), filled(2, 3, 2)}, {"a", "b"}, {1, 0}));
  EXPECT_NE(base, fingerprint({filled(2, 3, 2), filled(2, 3, 1)}, {"a", "b"}));
  EXPECT_NE(base, fingerprint({filled(2, 3, 1), filled(2, 3, 2)}, {"a", "c"}));
  EXPECT_NE(base, fingerprint({filled(3, 2, 1), filled(2, 3, 2)}, {"a", "b"}));
  EXPECT_NE(base, fingerprint({filled(2, 3, 1), filled(2, 3, 3)}, {"a", "b"}));
}

TEST(Dataset, SubsetSharesPixels) {
  const Dataset data = make_dataset({filled(1, 1, 0), filled(1, 1, 1), filled(1, 1, 2)},
                                    {"a", "b", "c"}, {0, 1, -1});
  const Dataset part = data.subset({1, 0});
  EXPECT_EQ(part.name(0), "b");
  const DatasetImage of_part = part.image(1), of_whole = data.image(0);
  EXPECT_EQ(of_part.view().data, of_whole.view().data);
  EXPECT_TRUE(part.has_labels());
  EXPECT_NE(part.fingerprint(), data.fingerprint());
  EXPECT_NE(part.fingerprint(), data.subset({0, 1}).fingerprint());
  EXPECT_EQ(data.subset({0, 1, 2}).fingerprint(), data.fingerprint());
}

}  // namespace
}  // namespace nolabel
