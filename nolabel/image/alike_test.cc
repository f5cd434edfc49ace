#include "nolabel/image/alike.h"

#include <gtest/gtest.h>

#include <bit>

#include "nolabel/image/content.h"
#include "nolabel/image/perceptual_hash.h"
#include "nolabel/image/scene_testing.h"

namespace nolabel {
namespace {

Image resized(const Image& picture, double factor) {
  return resize(picture.view(), static_cast<int>(picture.height * factor),
                static_cast<int>(picture.width * factor));
}

double agreement(const Image& one, const Image& other) {
  return detail_agreement(Luminance(one.view()), Luminance(other.view()));
}

int hash_distance(const Image& one, const Image& other) {
  return std::popcount(*perceptual_hash(Luminance(one.view())) ^
                       *perceptual_hash(Luminance(other.view())));
}

TEST(PerceptualHash, HardlyChangesWithTheSizeAndTellsPicturesApart) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Image picture = scene(seed);
    EXPECT_LE(hash_distance(picture, resized(picture, 0.4)), 4) << seed;
    EXPECT_LE(hash_distance(picture, resized(picture, 1.7)), 4) << seed;
    EXPECT_GE(hash_distance(picture, scene(seed + 100)), 12) << seed;
  }
}

TEST(PerceptualHash, OfACropIsThatOfAWindow) {
  const Image picture = scene(7);
  const Luminance whole(picture.view());
  const Image crop = cropped(picture, 0.1, 0.05, 0, 0.05);  // 90 % of each side, at the right
  const uint64_t hash = *perceptual_hash(Luminance(crop.view()));
  int nearest = 64;
  for (const Window& window : crop_windows()) {
    nearest = std::min(nearest, std::popcount(hash ^ *perceptual_hash(whole, window)));
  }
  EXPECT_LE(nearest, 4);
  EXPECT_GT(std::popcount(hash ^ *perceptual_hash(whole)), nearest);
}

TEST(PerceptualHash, APlainImageHasNone) {
  EXPECT_FALSE(perceptual_hash(Luminance(Image(50, 50).view())));
}

TEST(CropWindows, AreDistinctAndInside) {
  const auto& windows = crop_windows();
  EXPECT_EQ(windows[0], Window{});
  for (size_t i = 0; i < windows.size(); ++i) {
    EXPECT_GE(windows[i].left, 0);
    EXPECT_LE(windows[i].bottom, 1);
    for (size_t j = 0; j < i; ++j) EXPECT_FALSE(windows[i] == windows[j]);
  }
}

TEST(DetailAgreement, IsHighForCopiesAndLowForOthers) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Image picture = scene(seed);
    EXPECT_GE(agreement(picture, resized(picture, 0.5)), 0.95) << seed;
    EXPECT_GE(agreement(picture, cropped(picture, 0.08, 0, 0.02, 0.09)), 0.9) << seed;
    EXPECT_GE(agreement(cropped(picture, 0, 0.1, 0.07, 0), picture), 0.9) << seed;
    EXPECT_LT(agreement(picture, scene(seed + 50)), 0.3) << seed;
  }
}

// Two photos of one kind share coarse shapes; two copies share the fine ones, too.
TEST(DetailAgreement, CoarseShapesAreNotEnough) {
  const Image one = scene(3);
  const Image soft = resize(resize(one.view(), 6, 8).view(), one.height, one.width);
  Image other = scene(4);
  for (size_t i = 0; i < other.pixels.size(); ++i) {
    other.pixels[i] = static_cast<uint8_t>(0.85 * soft.pixels[i] + 0.15 * other.pixels[i]);
  }
  const Luminance a(one.view()), b(other.view());
  EXPECT_GT(correlation(a.cells({}, 8), b.cells({}, 8)), 0.9);
  EXPECT_LT(detail_agreement(a, b), kCopyAgreement);
}

TEST(HasContent, PicturesHaveItPlainOnesAndNoiseDoNot) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (const int side : {32, 64, 200}) {
      EXPECT_TRUE(has_content(Luminance(scene(seed, side, side).view()))) << seed << " " << side;
      EXPECT_FALSE(has_content(Luminance(noise_picture(seed, side, side).view())))
          << seed << " " << side;
    }
  }
  EXPECT_FALSE(has_content(Luminance(Image(40, 40).view())));
  Image stripes(100, 100);
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 300; ++x) stripes.pixels[y * 300 + x] = y / 10 % 2 == 0 ? 0 : 250;
  }
  EXPECT_TRUE(has_content(Luminance(stripes.view())));
}

}  // namespace
}  // namespace nolabel
