#include "nolabel/pipeline/kept_features.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/file.h"

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
    const FeatureSource source{provenance, backbone, 2, 24};
    return kept_features(folder_ / "train.npy", source, environment_, [this](RowsAtHand& rows) {
      rows.keys = {row_key("x"), row_key("y"), row_key("z")};
      *rows.added_to({}).work = {.rows = 3, .seconds = 2.5, .seconds_waited = 0.5};
      ++times_made_;
      return at::arange(6, at::kFloat).view({3, 2}) + times_made_;
    });
  }

  // The rows of x, y, z, and of one that was never made, after a change of images; -1: not there.
  std::vector<float> first_values(const std::string& backbone) {
    environment_.updating = true;
    const Provenance provenance{.stage = "features",
                                .settings = {{"image_size", 32}},
                                .data = "other data",
                                .inputs = {{"backbone", backbone}},
                                .seed = 0};
    std::vector<float> values;
    const FeatureSource source{provenance, backbone, 2, 8};
    kept_features(folder_ / "train.npy", source, environment_, [&values](RowsAtHand& rows) {
      const BankOptions options = rows.added_to({});
      EXPECT_EQ(options.keys, &rows.keys);
      for (const char* name : {"x", "y", "z", "other"}) {
        const float* row = options.earlier ? options.earlier(row_key(name)) : nullptr;
        values.push_back(row ? row[0] : -1);
      }
      rows.keys = {row_key("y")};
      return at::ones({1, 2});
    });
    return values;
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("kept_features_" + std::to_string(::getpid()));
  Environment environment_;
  int times_made_ = 0;
};

TEST_F(KeptFeatures, AreMadeOnce) {
  const at::Tensor first = features("a"), second = features("a");
  EXPECT_EQ(times_made_, 1);
  EXPECT_TRUE(first.equal(second));
  EXPECT_EQ(second.dtype(), at::kFloat);
}

TEST_F(KeptFeatures, SayHowLongTheNetworkWaitedForViews) {
  features("a");
  const fs::path file = folder_ / "train.npy";
  EXPECT_EQ(sidecar_measured(file, "rows_embedded"), 3);
  EXPECT_EQ(sidecar_measured(file, "seconds_embedding"), 2.5);
  EXPECT_EQ(sidecar_measured(file, "seconds_waited"), 0.5);
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

TEST_F(KeptFeatures, OfOtherImagesGiveTheirRows) {
  features("a");
  EXPECT_EQ(first_values("a"), (std::vector<float>{1, 3, 5, -1}));
  // Now those of one image are there.
  features("a");
  environment_.updating = false;
  EXPECT_EQ(times_made_, 2);
}

TEST_F(KeptFeatures, OfAnotherMakerOrWithoutTheirKeysGiveNoRows) {
  const std::vector<float> none(4, -1);
  const fs::path keys = folder_ / "train.npy.keys";
  features("a");
  EXPECT_EQ(first_values("b"), none);
  features("a");
  fs::remove(keys);
  EXPECT_EQ(first_values("a"), none);
  features("a");
  write_file(keys, read_file(keys).substr(0, 64));  // of one row
  EXPECT_EQ(first_values("a"), none);
  features("a");
  const std::string of_three = read_file(keys);
  first_values("a");
  write_file(keys, of_three);  // of the features before
  EXPECT_EQ(first_values("c"), none);
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
