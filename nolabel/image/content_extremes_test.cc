#include "nolabel/image/content_extremes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

namespace nolabel {
namespace {

constexpr size_t kHeight = 60, kWidth = 80;

// A gray picture of varied levels least … most, both of which occur in the last row.
template <class T>
std::vector<T> varied(double least, double most) {
  std::vector<T> samples;
  for (size_t i = 0; i < kHeight * kWidth; ++i) {
    const double share =
        static_cast<double>(i * 7919 % (kHeight * kWidth)) / (kHeight * kWidth - 1);
    samples.push_back(static_cast<T>(least + share * (most - least)));
  }
  samples[kHeight * kWidth - 9] = static_cast<T>(least);
  samples[kHeight * kWidth - 5] = static_cast<T>(most);
  return samples;
}

size_t at(size_t y, size_t x) {
  return y * kWidth + x;
}

template <class T>
SampleLayout layout() {
  SampleLayout result{.height = kHeight, .width = kWidth, .color = SampleColor::gray};
  if (std::is_integral_v<T>) result.stated_white = 65535;
  return result;
}

template <class T>
LevelExtremes extremes(const std::vector<T>& samples) {
  return content_extremes(samples.data(), layout<T>());
}

template <class T>
void fill_rows(std::vector<T>& samples, size_t rows, T level) {
  std::fill_n(samples.begin(), rows * kWidth, level);
}

// Expects that the picture with these outliers looks as the picture without them, and that each
// outlier has the level `wanted`.
template <class T>
void expect_outliers_change_nothing(std::vector<T> samples, const std::map<size_t, T>& outliers,
                                    int wanted) {
  const DecodedImage without = compose(samples.data(), layout<T>());
  for (const auto& [place, level] : outliers) samples[place] = level;
  const DecodedImage with = compose(samples.data(), layout<T>());
  EXPECT_TRUE(with.remarks.levels_scaled);
  size_t other = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const int level = with.image.pixels[i * 3];
    other += level != (outliers.contains(i) ? wanted : without.image.pixels[i * 3]) ? 1 : 0;
  }
  EXPECT_EQ(other, 0u);
}

template <class T>
std::map<size_t, T> rows_of(T level) {
  std::map<size_t, T> outliers;
  for (size_t i = 0; i < 6 * kWidth; ++i) outliers[i] = level;
  return outliers;
}

TEST(ContentExtremesTest, OutliersIn16BitsDoNotDarkenThePicture) {
  const auto twelve_bits = varied<uint16_t>(0, 4095);
  expect_outliers_change_nothing<uint16_t>(twelve_bits, {{at(20, 30), 65535}}, 255);
  expect_outliers_change_nothing<uint16_t>(twelve_bits, rows_of<uint16_t>(65535), 255);
  expect_outliers_change_nothing<uint16_t>(twelve_bits, rows_of<uint16_t>(32767), 255);
  // Hot pixels of different levels, and a border.
  std::map<size_t, uint16_t> both = rows_of<uint16_t>(65535);
  for (size_t i = 0; i < 4; ++i) both[at(10 + 9 * i, 7 + 11 * i)] = 20000 + 9999 * i;
  expect_outliers_change_nothing<uint16_t>(twelve_bits, both, 255);
  // Two ranges of outliers, one above the other.
  std::map<size_t, uint16_t> two = rows_of<uint16_t>(65535);
  two[at(30, 40)] = 9000;
  expect_outliers_change_nothing<uint16_t>(varied<uint16_t>(0, 1023), two, 255);
}

TEST(ContentExtremesTest, OutliersOfFloatsDoNotDarkenThePicture) {
  for (const float white : {1.0F, 255.0F, 4095.0F}) {
    const auto picture = varied<float>(0, white);
    expect_outliers_change_nothing<float>(picture, {{at(20, 30), 1e6F}}, 255);
    expect_outliers_change_nothing<float>(picture, rows_of(-9999.0F), 0);
    expect_outliers_change_nothing<float>(picture, rows_of(-32768.0F), 0);
    expect_outliers_change_nothing<float>(picture, rows_of(65535.0F), 255);
    expect_outliers_change_nothing<float>(picture, {{at(0, 0), 1e6F}, {at(9, 9), 7e5F}}, 255);
  }
  expect_outliers_change_nothing<float>(varied<float>(-300, 1200), rows_of(-9999.0F), 0);
  expect_outliers_change_nothing<float>(varied<float>(0, 8848), rows_of(-9999.0F), 0);
  std::map<size_t, float> both = rows_of(65535.0F);
  both[at(30, 30)] = 1e7F;
  expect_outliers_change_nothing<float>(varied<float>(0, 1), both, 255);
  expect_outliers_change_nothing<float>(varied<float>(0, 0.2), {{at(30, 30), 0.99F}}, 255);
}

TEST(ContentExtremesTest, ColorsAreJudgedWithoutAlpha) {
  const auto gray = varied<uint16_t>(0, 4095);
  std::vector<uint16_t> rgba;
  for (const uint16_t level : gray) rgba.insert(rgba.end(), {level, level, level, 65535});
  rgba[at(20, 30) * 4 + 1] = 65535;
  SampleLayout four = layout<uint16_t>();
  four.color = SampleColor::rgb;
  four.alpha = SampleAlpha::straight;
  EXPECT_EQ(content_extremes(rgba.data(), four).highest, 4095);
}

// A dark picture with one light, which shines on its neighbors as every lens makes it.
template <class T>
std::vector<T> night(double white) {
  auto samples = varied<T>(0, white / 50);
  for (const auto& [y, x, share] : {std::tuple{20, 30, 1.0}, {20, 31, 0.6}, {19, 30, 0.5}}) {
    samples[at(y, x)] = static_cast<T>(white * share);
  }
  return samples;
}

TEST(ContentExtremesTest, APhotoInItsFormatsRangeStays) {
  EXPECT_EQ(extremes(varied<uint16_t>(0, 65535)).highest, 65535);
  EXPECT_EQ(extremes(varied<uint16_t>(0, 16384)).highest, 65535);  // a quarter of it is enough
  EXPECT_EQ(extremes(varied<uint16_t>(0, 16383)).highest, 16383);
  EXPECT_EQ(extremes(night<uint16_t>(65535)).highest, 65535);
  auto saturated = night<uint16_t>(65535);
  for (size_t x = 40; x < 60; ++x) saturated[at(21, x)] = 65535;
  EXPECT_EQ(extremes(saturated).highest, 65535);
  // A bright picture in a white border.
  auto framed = varied<uint16_t>(0, 40000);
  fill_rows<uint16_t>(framed, 6, 65535);
  EXPECT_EQ(extremes(framed).highest, 65535);
}

TEST(ContentExtremesTest, AFloatPhotoInAUsualRangeStays) {
  EXPECT_EQ(extremes(night<float>(1)).highest, 1);
  EXPECT_EQ(extremes(night<float>(255)).highest, 255);
  const LevelExtremes signed_levels = extremes(varied<float>(-2000, 7000));
  EXPECT_EQ(signed_levels.lowest, -2000);
  EXPECT_EQ(signed_levels.highest, 7000);
}

TEST(ContentExtremesTest, MasksAndDrawingsStay) {
  std::vector<uint16_t> mask(kHeight * kWidth, 3);
  fill_rows<uint16_t>(mask, 20, 7);
  fill_rows<uint16_t>(mask, 6, 65535);
  EXPECT_EQ(extremes(mask).highest, 65535);
  EXPECT_EQ(extremes(std::vector<float>(mask.begin(), mask.end())).highest, 65535);
  EXPECT_EQ(extremes(std::vector<uint16_t>(kHeight * kWidth, 65535)).highest, 65535);
  EXPECT_EQ(extremes(std::vector<float>(kHeight * kWidth, -3)).lowest, -3);
}

TEST(ContentExtremesTest, NoDataDoesNotCount) {
  auto samples = varied<float>(2, 9);
  fill_rows(samples, 6, std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(extremes(samples).highest, 9);
  EXPECT_FALSE(extremes(std::vector<float>(kHeight * kWidth, NAN)).any);
  auto twelve_bits = varied<uint16_t>(0, 4095);
  fill_rows<uint16_t>(twelve_bits, 6, 65535);
  SampleLayout with_missing = layout<uint16_t>();
  with_missing.missing = 65535;
  EXPECT_EQ(content_extremes(twelve_bits.data(), with_missing).highest, 4095);
}

}  // namespace
}  // namespace nolabel
