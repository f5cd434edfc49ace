#include "nolabel/augment/draw.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <span>
#include <vector>

namespace nolabel {
namespace {

ViewParameters draw(const ViewRecipe& recipe, uint32_t position, int height = 32, int width = 32) {
  return draw_view(recipe, {.seed = 9, .position = position}, height, width);
}

TEST(DrawView, FallsBackToTheCentreWhenNoBoxFits) {
  ViewRecipe recipe{.strategy = Strategy::standard};
  recipe.crop = {.scale_low = 1, .scale_high = 1, .ratio_low = 0.75f, .ratio_high = 0.8f};
  const CropBox wide = draw(recipe, 0, 10, 100).crop;  // 10 x 0.8 = 8 wide
  EXPECT_EQ(std::vector({wide.left, wide.top, wide.width, wide.height}),
            std::vector({46, 0, 8, 10}));
  const CropBox tall = draw(recipe, 0, 100, 9).crop;  // 9 / 0.75 = 12 high
  EXPECT_EQ(std::vector({tall.left, tall.top, tall.width, tall.height}),
            std::vector({0, 44, 9, 12}));
}

TEST(DrawView, StrongCropsStayInsideAndReachEveryOffset) {
  const ViewRecipe recipe{.strategy = Strategy::ours, .size = 30};
  std::set<int> tops, lefts;
  for (uint32_t i = 0; i < 500; ++i) {
    const ViewParameters view = draw(recipe, i, 32, 33);
    EXPECT_FALSE(view.enlarge);
    tops.insert(view.crop.top);
    lefts.insert(view.crop.left);
  }
  EXPECT_EQ(tops, (std::set{0, 1, 2}));
  EXPECT_EQ(lefts, (std::set{0, 1, 2, 3}));
}

TEST(DrawView, StrongOperationsAreUniformWithinTheirRanges) {
  const ViewRecipe recipe{.strategy = Strategy::ours};
  std::map<StrongKind, int> counts;
  for (uint32_t i = 0; i < 7000; ++i) {
    const ViewParameters view = draw(recipe, i);
    ASSERT_EQ(view.strong_operations, 4);
    for (int k = 0; k < 4; ++k) {
      const auto [kind, magnitude] = view.strong[k];
      ++counts[kind];
      if (kind == StrongKind::posterize) {
        EXPECT_TRUE(magnitude >= 4 && magnitude < 8);
      } else if (kind == StrongKind::rotate) {
        EXPECT_TRUE(magnitude >= -30 && magnitude < 30);
      }
    }
  }
  ASSERT_EQ(counts.size(), 14u);
  for (const auto& [kind, count] : counts) EXPECT_NEAR(count, 2000, 200);  // 4.6 deviations
}

TEST(DrawView, AJitterThatIsOffIsNotAStep) {
  ViewRecipe recipe;
  recipe.jitter = {.probability = 1,
                   .brightness = {1, 1},
                   .contrast = factors_around_one(0.4f),
                   .saturation = {1, 1},
                   .hue = {0, 0}};
  const ViewParameters view = draw(recipe, 0);
  ASSERT_EQ(view.color_steps, 1);
  EXPECT_EQ(view.color[0].adjustment, ColorAdjustment::contrast);
}

TEST(DrawView, JitterStaysInRangesThatAreNotCentred) {
  ViewRecipe recipe;
  recipe.jitter = {.probability = 1,
                   .brightness = {1.2f, 1.5f},
                   .contrast = {0.5f, 0.5f},
                   .saturation = {1, 1},
                   .hue = {0.1f, 0.2f}};
  for (uint32_t i = 0; i < 200; ++i) {
    const ViewParameters view = draw(recipe, i);
    ASSERT_EQ(view.color_steps, 3);
    for (const auto& [adjustment, factor] : std::span(view.color).first(3)) {
      const bool bright = adjustment == ColorAdjustment::brightness;
      const bool hue = adjustment == ColorAdjustment::hue;
      EXPECT_GE(factor, bright ? 1.2f : hue ? 0.1f : 0.5f);
      EXPECT_LE(factor, bright ? 1.5f : hue ? 0.2f : 0.5f);
    }
  }
}

TEST(DrawView, JitterComesInEveryOrder) {
  ViewRecipe recipe;
  recipe.jitter.probability = 1;
  std::map<std::vector<int>, int> orders;
  for (uint32_t i = 0; i < 4800; ++i) {
    const ViewParameters view = draw(recipe, i);
    std::vector<int> order;
    for (const ColorStep& step : view.color) order.push_back(static_cast<int>(step.adjustment));
    ++orders[order];
  }
  EXPECT_EQ(orders.size(), 24u);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, 200, 70);  // 5 deviations
}

// Away from the border a hole is the whole square.
TEST(Cutout, SidesAreEvenAndUniform) {
  const ViewRecipe recipe{.strategy = Strategy::ours, .size = 32};
  std::map<int, int> sides;
  int inner = 0;
  for (uint32_t i = 0; i < 20000; ++i) {
    const Hole hole = draw(recipe, i).hole[0];
    EXPECT_TRUE(hole.top >= 0 && hole.left >= 0 && hole.bottom <= 32 && hole.right <= 32);
    if (hole.top == 0 || hole.left == 0 || hole.bottom == 32 || hole.right == 32) continue;
    EXPECT_EQ(hole.bottom - hole.top, hole.right - hole.left);
    ++sides[hole.bottom - hole.top];
    ++inner;
  }
  ASSERT_GT(inner, 5000);
  // 1..16 halved and doubled: 0 (from 1), 2 (2 and 3), …, 14, 16 (16). Small ones touch less.
  EXPECT_EQ(sides.begin()->first, 0);
  EXPECT_EQ(sides.rbegin()->first, 16);
  for (const auto& [side, count] : sides) EXPECT_EQ(side % 2, 0);
  EXPECT_NEAR(static_cast<double>(sides[2]) / sides[0], 2 * 29.0 * 29 / (31.0 * 31), 0.25);
}

TEST(Cutout, LengthOneCutsNothing) {
  ViewRecipe recipe{.strategy = Strategy::ours};
  recipe.cutout = {.holes = 3, .length = 1};
  const ViewParameters view = draw(recipe, 0);
  ASSERT_EQ(view.holes, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(view.hole[i].top, view.hole[i].bottom);
}

TEST(Cutout, SeveralHolesShareOneSide) {
  ViewRecipe recipe{.strategy = Strategy::ours, .size = 200};
  recipe.cutout = {.holes = 8, .length = 75};
  for (uint32_t i = 0; i < 100; ++i) {
    const ViewParameters view = draw(recipe, i, 200, 200);
    ASSERT_EQ(view.holes, 8);
    std::set<int> sides, places;
    for (int k = 0; k < 8; ++k) {
      const Hole& hole = view.hole[k];
      places.insert(hole.top);
      if (hole.top > 0 && hole.bottom < 200) sides.insert(hole.bottom - hole.top);
    }
    EXPECT_LE(sides.size(), 1u);
    EXPECT_GT(places.size(), 1u);
  }
}

TEST(Cutout, TheSideIsFixedWhenNotRandom) {
  ViewRecipe recipe{.strategy = Strategy::ours, .size = 100};
  recipe.cutout = {.length = 10, .random = false};
  for (uint32_t i = 0; i < 50; ++i) {
    const Hole hole = draw(recipe, i, 100, 100).hole[0];
    if (hole.top > 0 && hole.bottom < 100) {
      EXPECT_EQ(hole.bottom - hole.top, 10);
    }
  }
}

}  // namespace
}  // namespace nolabel
