#include "nolabel/pipeline/kept_features.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace nolabel {
namespace {

namespace fs = std::filesystem;

class KeptFeatures : public testing::Test {
 protected:
  KeptFeatures() { fs::remove_all(folder_); }
  ~KeptFeatures() override { fs::remove_all(folder_); }

  at::Tensor features(const std::string& backbone) {
    const Provenance provenance{.stage = "features",
                                .settings = {{"image_size", 32}},
                                .data = "data",
                                .inputs = {{"backbone", backbone}},
                                .seed = 0};
    return kept_features(folder_ / "train.npy", provenance, environment_, 24, [this](RowFile*) {
      ++times_made_;
      return at::arange(6, at::kFloat).view({3, 2}) + times_made_;
    });
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("kept_features_" + std::to_string(::getpid()));
  const Environment environment_;
  int times_made_ = 0;
};

TEST_F(KeptFeatures, AreMadeOnce) {
  const at::Tensor first = features("a"), second = features("a");
  EXPECT_EQ(times_made_, 1);
  EXPECT_TRUE(first.equal(second));
  EXPECT_EQ(second.dtype(), at::kFloat);
}

TEST_F(KeptFeatures, OfAnotherBackboneAreReplaced) {
  features("a");
  features("b");
  EXPECT_EQ(times_made_, 2);
  features("b");
  EXPECT_EQ(times_made_, 2);
  features("a");
  EXPECT_EQ(times_made_, 3);
}

// As after a kill between the file and its sidecar.
TEST_F(KeptFeatures, WithoutSidecarAreMadeAnew) {
  features("a");
  fs::remove(folder_ / "train.npy.json");
  features("a");
  EXPECT_EQ(times_made_, 2);
}

}  // namespace
}  // namespace nolabel
