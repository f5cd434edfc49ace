// A run that grows with its folder, as another program brings it up to date.
#include <gmock/gmock.h>

#include "nolabel/facade/test_run.h"

namespace nolabel {
namespace {

class UpdateTest : public RunTest {
 protected:
  static constexpr int per_class = 8;

  void SetUp() override {
    RunTest::SetUp();
    write_pictures(per_class,
                   [](int label, int number) { return colored_picture(20, 20, label, number); });
    simclr({.images = {root / "pictures"},
            .out = root / "backbone",
            .image_size = 16,
            .compute = compute,
            .settings = {{"epochs", "1"}, {"batch_size", "12"}, {"width", "8"}}});
    cluster({.images = {root / "pictures"},
             .out = run,
             .clusters = classes,
             .backbone = (root / "backbone").string(),
             .compute = compute});
  }

  const Compute compute{.device = "cpu", .precision = "fp32", .threads = 1};
  const std::filesystem::path run = root / "run";
};

TEST_F(UpdateTest, TellsWhatCameMovedAndWent) {
  const auto pictures = root / "pictures";
  std::filesystem::rename(pictures / "0/0.png", pictures / "first.png");
  std::filesystem::remove(pictures / "1/1.png");
  write_file(pictures / "2/late.png", encode_png(colored_picture(20, 20, 2, 99).view()));
  write_file(pictures / "2/3.png", encode_png(colored_picture(20, 20, 2, 98).view()));
  const UpdateResult result = update({.run = run, .compute = compute, .return_features = true});
  std::map<std::string, std::string> changes;
  for (const ChangedImage& image : result.changes) changes[image.path] = image.change + image.was;
  EXPECT_EQ(changes, (std::map<std::string, std::string>{{"first.png", "moved0/0.png"},
                                                         {"1/1.png", "gone"},
                                                         {"2/late.png", "new"},
                                                         {"2/3.png", "changed"}}));
  EXPECT_EQ(result.changes.back().change, "gone");
  const ClusterResult& clusters = result.clusters;
  ASSERT_EQ(clusters.images.size(), static_cast<size_t>(classes * per_class));
  EXPECT_EQ(clusters.features.rows, classes * per_class);
  EXPECT_EQ(result.reassigned, 0);
  EXPECT_EQ(result.drift.images, 2);
  int64_t placed = 0;
  for (const auto& [id, images] : result.new_by_cluster) placed += images;
  EXPECT_EQ(placed, 2);
  EXPECT_TRUE(std::filesystem::exists(result.changes_file));
  EXPECT_TRUE(std::filesystem::exists(clusters.report));

  const UpdateResult same = update({.run = run, .retrain = true, .compute = compute});
  EXPECT_TRUE(same.changes.empty());
  EXPECT_EQ(same.clusters.clusters, classes);
  EXPECT_EQ(same.clusters.features.rows, 0);
}

TEST_F(UpdateTest, TakesFurtherFoldersOrOthersInTheirPlace) {
  std::filesystem::create_directories(root / "more");
  write_file(root / "more/late.png", encode_png(colored_picture(20, 20, 1, 99).view()));
  EXPECT_EQ(update({.run = run, .images = {root / "more"}, .compute = compute}).changes.size(), 1u);
  const UpdateResult replaced =
      update({.run = run, .images = {root / "pictures"}, .replace = true, .compute = compute});
  ASSERT_EQ(replaced.changes.size(), 1u);
  EXPECT_EQ(replaced.changes[0].change, "gone");
  EXPECT_EQ(fault_of([&] { update({.run = run, .replace = true}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { update({.run = root / "pictures"}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { update({.run = root / "backbone"}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { update({}); }), Fault::usage);
}

}  // namespace
}  // namespace nolabel
