// The stages as another program calls them: one after the other on pictures of three colors.
#include <gmock/gmock.h>

#include "nolabel/facade/test_run.h"
#include "nolabel/model/program_testing.h"

namespace nolabel {
namespace {

class StagesTest : public RunTest {
 protected:
  static constexpr int per_class = 12;

  void SetUp() override {
    RunTest::SetUp();
    write_pictures(per_class,
                   [](int label, int number) { return colored_picture(20, 20, label, number); });
  }

  const Compute compute{.device = "cpu", .precision = "fp32", .threads = 1};
};

TEST_F(StagesTest, GiveTheirResultsAsValues) {
  const auto out = root / "run";
  const SimclrResult pretext = simclr(
      {.images = {root / "pictures"},
       .out = out,
       .image_size = 16,
       .compute = compute,
       .settings = {{"epochs", "1"}, {"batch_size", "12"}, {"width", "8"}, {"hold_out", "0.25"}}});
  EXPECT_TRUE(pretext.trained);
  EXPECT_EQ(pretext.images, 27);
  EXPECT_TRUE(std::filesystem::exists(pretext.model));

  const MineResult mined =
      mine({.out = out, .compute = compute, .settings = {{"mined_neighbors", "5"}}});
  EXPECT_EQ(mined.images, 27);
  EXPECT_EQ(mined.neighbors, 5);
  EXPECT_EQ(mined.backbone_labels, "none");
  EXPECT_TRUE(mined.accuracy.contains(1) && mined.validation_accuracy.contains(1));

  const Settings quick{{"epochs", "8"}, {"batch_size", "9"}};
  Settings of_scan = quick;
  of_scan["num_neighbors"] = "5";
  const StageResult scanned =
      scan({.out = out, .clusters = classes, .compute = compute, .settings = of_scan});
  EXPECT_TRUE(scanned.trained);
  EXPECT_EQ(scanned.final_stage, "scan");
  ASSERT_TRUE(scanned.figures);
  EXPECT_EQ(scanned.figures->method, "SCAN");
  EXPECT_EQ(scanned.backbone_labels, "none");
  const StageResult labelled = selflabel({.out = out, .compute = compute, .settings = quick});
  EXPECT_TRUE(labelled.trained);
  EXPECT_FALSE(selflabel({.out = out, .compute = compute, .settings = quick}).trained);

  const EvaluateResult held_out = evaluate({.out = out, .compute = compute});
  ASSERT_TRUE(held_out.figures && held_out.figures->labels);
  EXPECT_EQ(held_out.images.size(), 9u);
  EXPECT_EQ(held_out.probabilities.rows, 9);
  EXPECT_EQ(held_out.backbone_labels, "none");
  const EvaluateResult trained =
      evaluate({.out = out, .training_images = true, .compute = compute});
  EXPECT_EQ(trained.images.size(), 27u);
  EXPECT_GT(trained.features.columns, 0);

  const ReportResult reported = report({.out = out, .compute = compute});
  const ExportResult exported = export_run({.run = out, .out = root / "sorted"});
  EXPECT_EQ(exported.images, 27);
  EXPECT_EQ(exported.sizes.size(), exported.clusters.size());
  EXPECT_EQ(reported.figures.front().labels->acc, trained.figures->labels->acc);
  EXPECT_EQ(reported.validation.front().labels->acc, held_out.figures->labels->acc);
  EXPECT_EQ(reported.figures.back().method, "k-means");
  EXPECT_EQ(reported.backbone_labels, "none");

  const PredictResult predicted =
      predict({.run = out, .images = {root / "pictures"}, .compute = compute});
  EXPECT_EQ(predicted.images.size(), 36u);
  for (const ClusteredImage& image : held_out.images) {
    const auto same = std::ranges::find(predicted.images, image.path, &ClusteredImage::path);
    ASSERT_NE(same, predicted.images.end()) << image.path;
    EXPECT_EQ(same->choice.cluster, image.choice.cluster);
    EXPECT_NEAR(same->choice.confidence, image.choice.confidence, 1e-6);  // other batches
  }
}

TEST_F(StagesTest, MocoTakesABackboneAsThePretextModel) {
  const SimclrResult pretext = simclr({.images = {root / "pictures"},
                                       .out = root / "first",
                                       .image_size = 16,
                                       .compute = compute,
                                       .settings = {{"epochs", "1"}, {"width", "8"}}});
  const MineResult mined = moco({.file = pretext.model,
                                 .images = {root / "pictures"},
                                 .out = root / "second",
                                 .compute = compute,
                                 .settings = {{"mined_neighbors", "4"}}});
  EXPECT_EQ(mined.images, 36);
  EXPECT_EQ(mined.neighbors, 4);
  EXPECT_TRUE(std::filesystem::exists(root / "second/pretext/model.pth.tar"));
}

TEST_F(StagesTest, ABackboneThatIsAProgramIsRunOnlyWhereItIsAskedFor) {
  testing_programs::write_program(root / "net.pt");
  ClusterOptions options{.images = {root / "pictures"},
                         .out = root / "run",
                         .clusters = classes,
                         .backbone = (root / "net.pt").string(),
                         .compute = compute,
                         .settings = {{"image_size", "16"}}};
  EXPECT_EQ(fault_of([&] { cluster(options); }), Fault::usage);
  options.compute.run_program = true;
  EXPECT_NO_THROW(cluster(options));
  EXPECT_EQ(fault_of([&] { Predictor(root / "run", compute); }), Fault::usage);
  const Predictor predictor(root / "run", options.compute);
  EXPECT_EQ(predictor.image_size(), 16);
  EXPECT_GE(predictor.predict(colored_picture(20, 20, 1, 0).view()).cluster, 0);
  EXPECT_EQ(
      fault_of([&] {
        simclr({.images = {root / "pictures"}, .out = root / "other", .compute = options.compute});
      }),
      Fault::usage);
}

// What is left at 0 follows from what is given: the network that training starts from has its own
// size of views.
TEST_F(StagesTest, SimclrTakesTheViewsOfItsStart) {
  const Settings few{{"epochs", "1"}, {"batch_size", "12"}};
  Settings narrow = few;
  narrow["width"] = "8";
  simclr({.images = {root / "pictures"},
          .out = root / "first",
          .image_size = 16,
          .compute = compute,
          .settings = narrow});
  const SimclrResult second = simclr({.images = {root / "pictures"},
                                      .out = root / "second",
                                      .start = (root / "first").string(),
                                      .compute = compute,
                                      .settings = few});
  EXPECT_THAT(read_file(second.model.string() + ".backbone.json"),
              testing::HasSubstr(R"("image_size": "16")"));
}

TEST_F(StagesTest, MistakesAreUsageErrors) {
  EXPECT_EQ(fault_of([&] { mine({.out = root / "run"}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { evaluate({.out = root / "nothing"}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { report({.out = root / "pictures"}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { selflabel({.out = root / "run", .clusters = 3}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { predict({.run = root / "pictures", .images = {root / "pictures"}}); }),
            Fault::usage);
  EXPECT_EQ(
      fault_of([&] {
        scan({.images = {root / "pictures"}, .out = root / "run", .settings = {{"epoch", "3"}}});
      }),
      Fault::usage);
  // Looking at a folder by mistake changes nothing in it.
  EXPECT_FALSE(std::filesystem::exists(root / "pictures/.lock"));
}

}  // namespace
}  // namespace nolabel
