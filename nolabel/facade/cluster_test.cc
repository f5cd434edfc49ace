#include <gmock/gmock.h>

#include "nolabel/base/file.h"
#include "nolabel/base/npy.h"
#include "nolabel/base/random.h"
#include "nolabel/facade/test_run.h"

namespace nolabel {
namespace {

using ::testing::ElementsAre;

class ClusterTest : public RunTest {
 protected:
  static constexpr int rows = 1800, columns = 8;

  // Three well separated clouds of embeddings, named and labelled: no network is needed.
  ClusterOptions options() const {
    Matrix<float> features(rows, columns);
    std::string paths = "path,label\n";
    Random random(5, Purpose::sample);
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        features.at(i, j) = random.uniform(-1, 1) + (j == i % classes ? 4.0f : 0.0f);
      }
      paths += "cloud" + std::to_string(i) + "," + std::to_string(i % classes) + "\n";
    }
    write_npy(root / "features.npy", features);
    write_file(root / "paths.csv", paths);
    return {.out = root / "run",
            .clusters = classes,
            .features = root / "features.npy",
            .paths = root / "paths.csv",
            .compute = {.device = "cpu", .precision = "fp32", .threads = 1}};
  }
};

TEST_F(ClusterTest, CancelledWorkStopsAndTheNextCallCompletesIt) {
  Observer observer;
  observer.progress = [&](const Progress& progress) {
    if (progress.stage == "scan") observer.cancel.request();
  };
  EXPECT_EQ(fault_of([&] { cluster(options(), observer); }), Fault::stopped);
  EXPECT_FALSE(std::filesystem::exists(root / "run" / "report.html"));

  const ClusterResult result = cluster(options());
  ASSERT_EQ(result.images.size(), rows);
  for (int i = 0; i < rows; ++i) {
    const auto& [path, choice, status] = result.images[i];
    EXPECT_EQ(path, "cloud" + std::to_string(i));
    EXPECT_EQ(choice.cluster, result.images[i % classes].choice.cluster);
    EXPECT_NE(choice.cluster, choice.runner_up);
    EXPECT_GE(choice.confidence, choice.runner_up_confidence);
  }
  const ClusterFigures& chosen = result.figures.front();
  EXPECT_THAT(chosen.sizes, ElementsAre(rows / 3, rows / 3, rows / 3));
  EXPECT_TRUE(chosen.mean_confidence && chosen.neighbor_agreement && chosen.silhouette);
  ASSERT_TRUE(chosen.labels);
  EXPECT_EQ(chosen.labels->acc, 1);
  EXPECT_EQ(result.figures.back().method, "k-means");
  EXPECT_FALSE(result.figures.back().mean_confidence);
  EXPECT_TRUE(result.validation.empty());
  EXPECT_TRUE(std::filesystem::exists(result.assignments));
  EXPECT_TRUE(std::filesystem::exists(result.report));

  EXPECT_EQ(fault_of([&] { Predictor of_features(root / "run"); }), Fault::usage);
}

TEST_F(ClusterTest, TheMethodCanBeForcedAndElseTheChoiceIsExplained) {
  const ClusterResult chosen = cluster(options());
  EXPECT_THAT(chosen.choice, testing::HasSubstr(" is kept"));
  for (const ClusterFigures& figures : chosen.figures) {
    EXPECT_TRUE(figures.neighbor_information) << figures.method;
  }
  ClusterOptions forced = options();
  forced.method = "communities";
  const ClusterResult communities = cluster(forced);
  EXPECT_EQ(communities.final_stage, "communities");
  EXPECT_EQ(communities.figures.front().method, "communities");
  EXPECT_EQ(communities.choice, "");
}

TEST_F(ClusterTest, APersonsEditsHoldAndCanBeTakenBack) {
  const ClusterResult found = cluster(options());
  const int from = found.images[0].choice.cluster, to = found.images[1].choice.cluster;
  ASSERT_NE(from, to);
  const std::filesystem::path file = root / "edits.json";
  write_file(
      file,
      format(R"({{"names": {{"{0}": "birds"}}, "move": [{{"path": "cloud0", "to": {0}}}]}})", to));
  const EditResult edited = edit({.run = root / "run", .edits = file});
  EXPECT_EQ(edited.changed, 1);
  EXPECT_EQ(edited.clusters.size(), static_cast<size_t>(classes));
  EXPECT_EQ(edited.in_force.size(), 2u);
  const ClusterResult again = cluster(options());
  EXPECT_EQ(again.images[0].choice.cluster, to);
  EXPECT_EQ(again.identities[static_cast<size_t>(to)].name, "birds");
  EXPECT_EQ(fault_of([&] { edit({.run = root / "run", .edits = root / "absent.json"}); }),
            Fault::system);
  EXPECT_EQ(fault_of([&] { edit({.run = root / "run", .edits = file, .undo = true}); }),
            Fault::usage);
  EXPECT_TRUE(edit({.run = root / "run", .undo = true}).in_force.empty());
  EXPECT_EQ(cluster(options()).images[0].choice.cluster, from);
}

TEST_F(ClusterTest, MistakesAreUsageErrors) {
  const auto fault_with = [&](const std::function<void(ClusterOptions&)>& change) {
    ClusterOptions changed = options();
    change(changed);
    return fault_of([&] { cluster(changed); });
  };
  EXPECT_EQ(fault_with([](auto& o) { o.clusters = 5000; }), Fault::usage);
  EXPECT_EQ(fault_with([](auto& o) { o.method = "magic"; }), Fault::usage);
  EXPECT_EQ(fault_with([](auto& o) { o.features = ""; }), Fault::usage);
  EXPECT_EQ(fault_with([](auto& o) { o.images = {"pictures"}; }), Fault::usage);
  EXPECT_EQ(fault_with([](auto& o) { o.out = ""; }), Fault::usage);
  EXPECT_EQ(fault_with([](auto& o) { o.hold_out = 1; }), Fault::usage);
  EXPECT_EQ(fault_with([](auto& o) { o.compute.threads = -1; }), Fault::usage);
  EXPECT_EQ(fault_with([](auto& o) { o.compute.precision = "int8"; }), Fault::usage);
}

}  // namespace
}  // namespace nolabel
