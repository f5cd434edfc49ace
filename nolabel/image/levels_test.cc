#include "nolabel/image/levels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nolabel {
namespace {

LevelScale scale_of(double lowest, double highest, std::optional<double> stated, Numbers numbers) {
  return choose_scale({lowest, highest, true}, stated, numbers);
}

TEST(ChooseScaleTest, TakesTheFormatAtItsWordWhenAQuarterOfItsRangeIsUsed) {
  const LevelScale full = scale_of(0, 16384, 65535, Numbers::whole);
  EXPECT_FALSE(full.assumed);
  for (const int value : {0, 255, 256, 16384, 65535}) EXPECT_EQ(full.level(value), value >> 8);
  const LevelScale less = scale_of(0, 16383, 65535, Numbers::whole);
  EXPECT_TRUE(less.assumed);
  for (const int value : {0, 63, 64, 16383}) EXPECT_EQ(less.level(value), value >> 6);
  EXPECT_EQ(less.level(40000), 255);
}

TEST(ChooseScaleTest, FloatsHaveTheirUsualRanges) {
  const LevelScale unit = scale_of(0.1, 0.9, std::nullopt, Numbers::real);
  EXPECT_EQ(unit.level(0), 0);
  EXPECT_EQ(unit.level(0.5), 128);
  EXPECT_EQ(unit.level(1), 255);
  const LevelScale bytes = scale_of(0, 200, std::nullopt, Numbers::real);
  EXPECT_EQ(bytes.level(200), 200);
  EXPECT_EQ(scale_of(7, 4000, std::nullopt, Numbers::real).level(4095), 255);
  EXPECT_TRUE(unit.assumed && bytes.assumed);
}

TEST(ChooseScaleTest, OtherLevelsAreStretched) {
  for (const auto& [lowest, highest] :
       {std::pair{-20.0, 35.0}, {0.0, 0.01}, {18.5, 24.0}, {0.0, 1e7}, {-1e6, -1e5}}) {
    const LevelScale scale = scale_of(lowest, highest, std::nullopt, Numbers::real);
    EXPECT_TRUE(scale.assumed);
    EXPECT_EQ(scale.level(lowest), 0) << lowest;
    EXPECT_EQ(scale.level((lowest + highest) / 2), 128) << lowest;
    EXPECT_EQ(scale.level(highest), 255) << lowest;
  }
  // A mask of few classes in 16 bits shows its classes.
  EXPECT_EQ(scale_of(0, 5, 65535, Numbers::whole).level(5), 255);
}

TEST(ChooseScaleTest, APictureOfOneLevelIsBlack) {
  EXPECT_FALSE(scale_of(0, 0, 65535, Numbers::whole).assumed);
  EXPECT_EQ(scale_of(0, 0, std::nullopt, Numbers::real).level(0), 0);
  EXPECT_EQ(scale_of(-7, -7, std::nullopt, Numbers::real).level(-7), 0);
}

TEST(IsMissingTest, MarksOfNoData) {
  EXPECT_TRUE(is_missing(std::numeric_limits<float>::quiet_NaN()));
  EXPECT_TRUE(is_missing(-std::numeric_limits<float>::infinity()));
  EXPECT_TRUE(is_missing(std::numeric_limits<float>::lowest()));
  EXPECT_FALSE(is_missing(-9999.0F));
  EXPECT_FALSE(is_missing(uint16_t{65535}));
}

}  // namespace
}  // namespace nolabel
