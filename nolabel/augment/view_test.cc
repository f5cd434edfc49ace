#include "nolabel/augment/view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "nolabel/base/random.h"

namespace nolabel {
namespace {

Image noise(int height, int width, uint32_t which) {
  Image image(height, width);
  Random random(7, Purpose::sample, which);
  for (uint8_t& level : image.pixels) level = static_cast<uint8_t>(random.next());
  return image;
}

std::vector<float> view_of(ImageView image, const ViewRecipe& recipe, const ViewKey& key) {
  std::vector<float> out(static_cast<size_t>(recipe.size) * recipe.size * 3);
  make_view(image, key, recipe, out.data());
  return out;
}

class EachStrategy : public testing::TestWithParam<Strategy> {};
INSTANTIATE_TEST_SUITE_P(View, EachStrategy,
                         testing::Values(Strategy::evaluation, Strategy::standard, Strategy::simclr,
                                         Strategy::ours));

TEST_P(EachStrategy, DoesNotDependOnThreadsOrBatchOrder) {
  const ViewRecipe recipe{.strategy = GetParam(), .size = 16};
  std::vector<Image> images;
  for (uint32_t i = 0; i < 40; ++i) images.push_back(noise(16 + i % 5, 16 + i % 7, i));
  std::vector<ViewRequest> requests, reversed;
  for (uint32_t i = 0; i < 40; ++i) requests.push_back({i, {.position = i}});
  reversed.assign(requests.rbegin(), requests.rend());

  const size_t view = 16 * 16 * 3;
  std::vector<float> one(40 * view), several(40 * view);
  const Dataset dataset = make_dataset(images, std::vector<std::string>(40));
  make_views(dataset, requests, recipe, 1, one.data());
  make_views(dataset, reversed, recipe, 3, several.data());
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(0, std::memcmp(&one[i * view], &several[(39 - i) * view], view * sizeof(float))) << i;
    EXPECT_EQ(view_of(images[i].view(), recipe, requests[i].key),
              std::vector<float>(one.begin() + i * view, one.begin() + (i + 1) * view));
  }
}

TEST_P(EachStrategy, TakesImagesSmallerThanTheView) {
  const Image image = noise(5, 9, 0);
  const ViewRecipe recipe{.strategy = GetParam(), .size = 32};
  for (uint32_t i = 0; i < 50; ++i) {
    const float limit = (1 - 0.4465f) / 0.1994f + 1e-4f;
    for (float x : view_of(image.view(), recipe, {.position = i})) EXPECT_LT(std::abs(x), limit);
  }
}

TEST(View, EveryPartOfTheKeyMatters) {
  const Image image = noise(32, 32, 0);
  const ViewRecipe recipe{.strategy = Strategy::simclr};
  const ViewKey key{.seed = 1, .stage = 1, .epoch = 1, .position = 1, .role = 1};
  const auto expected = view_of(image.view(), recipe, key);
  EXPECT_EQ(expected, view_of(image.view(), recipe, key));
  for (int part = 0; part < 5; ++part) {
    ViewKey other = key;
    if (part == 0) other.seed = 2;
    if (part == 1) other.stage = 2;
    if (part == 2) other.epoch = 2;
    if (part == 3) other.position = 2;
    if (part == 4) other.role = 2;
    EXPECT_NE(expected, view_of(image.view(), recipe, other)) << part;
  }
}

TEST(View, EvaluationIsTheNormalizedCentreCrop) {
  const Image image = noise(10, 13, 0);
  const ViewRecipe recipe = evaluation_recipe(ViewRecipe{.size = 6});
  const auto view = view_of(image.view(), recipe, {});
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 6; ++x) {  // (13 - 6) / 2 = 3.5, to even: 4
      const float level = image.view().pixel(y + 2, x + 4)[1] / 255.0f;
      EXPECT_EQ(view[(y * 6 + x) * 3 + 1], (level - 0.4822f) / 0.1994f);
    }
  }
}

}  // namespace
}  // namespace nolabel
