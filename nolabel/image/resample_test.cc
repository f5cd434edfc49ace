#include "nolabel/image/resample.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "nolabel/base/random.h"

namespace nolabel {
namespace {

// Exactly as large as its content, so that the sanitizer sees a read past the end.
std::vector<uint8_t> noise(size_t bytes) {
  Random random(1, Purpose::sample);
  std::vector<uint8_t> values(bytes);
  for (uint8_t& value : values) value = static_cast<uint8_t>(random.below(256));
  values.shrink_to_fit();
  return values;
}

constexpr Interpolation filters[] = {Interpolation::lanczos, Interpolation::bilinear,
                                     Interpolation::bicubic, Interpolation::box,
                                     Interpolation::hamming};

TEST(TapsTest, WeightsSumToOne) {
  Taps taps;
  for (const Interpolation filter : filters) {
    compute_taps(53, 3.3f, 51.7f, 20, filter, taps);
    for (int i = 0; i < taps.length; ++i) {
      EXPECT_NEAR(std::accumulate(taps.row(i), taps.row(i) + taps.count[i], 0), 1 << kWeightBits,
                  taps.count[i]);
      EXPECT_GE(taps.first[i], 0);
      EXPECT_LE(taps.first[i] + taps.count[i], 53);
    }
  }
}

TEST(ResampleTest, Avx2EqualsPlain) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this processor has no AVX2";
  constexpr int kOther = 7;  // rows, or pixels per row
  const auto compare = [](int length, int target, Interpolation filter) {
    Taps taps;
    compute_taps(length, 0.3f, static_cast<float>(length), target, filter, taps);
    const std::vector<uint8_t> source = noise(size_t(length) * kOther * 3);
    std::vector<uint8_t> expected(size_t(target) * kOther * 3), found(expected.size());

    plain::resample_rows(source.data(), length, kOther, taps, expected.data());
    avx2::resample_rows(source.data(), length, kOther, taps, found.data());
    EXPECT_EQ(found, expected) << "rows " << length << " to " << target;

    plain::resample_columns(source.data(), kOther * 3, taps, expected.data());
    avx2::resample_columns(source.data(), kOther * 3, taps, found.data());
    EXPECT_EQ(found, expected) << "columns " << length << " to " << target;
  };
  for (const Interpolation filter : filters) {
    for (const int length : {1, 2, 4, 5, 6, 17, 64, 300}) {
      for (const int target : {1, 3, 5, 16, 31, 200}) compare(length, target, filter);
    }
  }
}

}  // namespace
}  // namespace nolabel
