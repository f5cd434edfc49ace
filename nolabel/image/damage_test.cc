// Damaged files: every decoder gives an error of the data or a picture, and prints nothing.
#include <gtest/gtest.h>

#include <set>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/testdata.h"

namespace nolabel {
namespace {

struct Outcome {
  bool decoded = false;
  std::string reason;
};

Outcome attempt(std::string_view bytes) {
  DecodeOptions options;
  options.max_pixels = 1'000'000;  // a flipped byte may claim a huge picture
  try {
    const Image image = decode_image(std::as_bytes(std::span(bytes)), options);
    EXPECT_EQ(image.pixels.size(), size_t(image.height) * image.width * 3);
    return {true, ""};
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return {false, error.what()};
  }
}

class DamageTest : public testing::Test {
 protected:
  DamageTest() {
    for (const auto& row : golden_rows("decode.csv")) names.insert(row[0]);
    testing::internal::CaptureStderr();
  }
  ~DamageTest() override {
    // dav1d logs this line when libheif does not stop it, which no interface reaches.
    std::istringstream printed(testing::internal::GetCapturedStderr());
    for (std::string line; std::getline(printed, line);) EXPECT_EQ(line, "Error parsing OBU data");
  }

  std::set<std::string> names;
};

TEST_F(DamageTest, TruncatedFilesAreRefusedWithAReason) {
  for (const std::string& name : names) {
    const std::string whole = read_file(golden(name));
    const size_t step = std::max<size_t>(1, whole.size() / 40);
    for (size_t length = 0; length < whole.size(); length += step) {
      const Outcome outcome = attempt(std::string_view(whole).substr(0, length));
      EXPECT_EQ(outcome.decoded, outcome.reason.empty());
      // The second frame of an animation is not needed; everything else is.
      if (length < whole.size() * 4 / 10) {
        EXPECT_FALSE(outcome.decoded) << name << ' ' << length;
      }
    }
  }
}

TEST_F(DamageTest, FlippedBytesNeverCrash) {
  for (const std::string& name : names) {
    const std::string whole = read_file(golden(name));
    for (uint32_t trial = 0; trial < 40; ++trial) {
      std::string damaged = whole;
      Random random(trial, Purpose::sample);
      // Half of the flips hit the first bytes, where the structure is.
      for (int flips = 0; flips < 3; ++flips) {
        const size_t range = flips % 2 == 0 ? std::min<size_t>(whole.size(), 200) : whole.size();
        damaged[random.below(range)] ^= static_cast<char>(1 + random.below(255));
      }
      attempt(damaged);
    }
  }
}

}  // namespace
}  // namespace nolabel
