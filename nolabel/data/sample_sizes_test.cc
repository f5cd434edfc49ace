#include "nolabel/data/sample_sizes.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

using SampleShortSides = FolderTest;

TEST_F(SampleShortSides, TellsSmallPicturesFromLargeOnes) {
  for (int i = 0; i < 60; ++i) {
    write(format("small{:02}.png", i), picture(9, 20, 64));
    write(format("{:02}.png", i), picture(9, 80, 65));
    write(format("even{:02}.png", i), picture(9, 64, 300));
  }
  write("zz_broken.png", "no picture");
  const std::vector<int> sides = sample_short_sides({root}, {}, 64, {});
  EXPECT_THAT(sides, testing::SizeIs(48));
  EXPECT_EQ(std::ranges::count(sides, 20), 16);
  EXPECT_EQ(std::ranges::count(sides, 64), 16);
  EXPECT_EQ(std::ranges::count_if(sides, [](int side) { return side > 64; }), 16);
}

}  // namespace
}  // namespace nolabel
