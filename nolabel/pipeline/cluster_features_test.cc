#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <set>
#include <string>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/npy.h"
#include "nolabel/base/random.h"
#include "nolabel/pipeline/cluster_call.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr int64_t images = 240, dimensions = 24;
constexpr int clusters = 6;

class ClusterFeatures : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder);
    fs::create_directories(folder);
    std::string text = "path,label\n";
    for (int64_t i = 0; i < images; ++i) text += format("{}.jpg,{}\n", i, i % clusters);
    write_file(folder / "labels.csv", text);
  }
  void TearDown() override { fs::remove_all(folder); }

  // Blobs that lie apart, every value times `scale` plus `shift`, and `common` times one direction.
  void write_blobs(double scale, double shift, double common) {
    Matrix<float> rows(images, dimensions);
    const Random random(1, Purpose::sample);
    Random draws = random;
    for (int64_t i = 0; i < images; ++i) {
      for (int64_t d = 0; d < dimensions; ++d) {
        const double noise = draws.uniform(-1, 1);
        const double center = 4.0 * static_cast<double>(d % clusters == i % clusters);
        const double direction = std::sin(static_cast<double>(d) + 1);
        rows.at(i, d) = static_cast<float>(scale * (center + noise + common * direction) + shift);
      }
    }
    write_npy(folder / "features.npy", rows);
  }

  ClusterOutcome cluster_blobs(FeatureNormalization normalization,
                               double confidence_threshold = 0.99,
                               Method method = Method::automatic) {
    fs::remove_all(folder / "run");
    SettingTables tables;
    ClusterRequest request;
    declare(tables, request);
    request.run.out = (folder / "run").string();
    request.run.compute = {.device = "cpu", .precision = "fp32", .threads = 1};
    request.clusters = clusters;
    request.method = method;
    request.subject.features = (folder / "features.npy").string();
    request.subject.paths = (folder / "labels.csv").string();
    request.adjust = [&](ClusterSettings& settings) {
      settings.scan.train.epochs = 300;
      settings.scan.start = ScanStart::random;
      settings.selflabel.train.epochs = 20;
      settings.selflabel.selflabel.confidence_threshold = confidence_threshold;
      settings.mine.normalization = settings.scan.normalization = settings.selflabel.normalization =
          normalization;
    };
    return cluster(tables, request, {});
  }
  double accuracy(FeatureNormalization normalization, Method method) {
    return cluster_blobs(normalization, 0.99, method).train[0].labels->acc;
  }

  const fs::path folder =
      fs::path(testing::TempDir()) / format("cluster_features_{}", static_cast<int64_t>(getpid()));
};

TEST_F(ClusterFeatures, DoNotDependOnScaleMeanOrACommonDirection) {
  struct Case {
    double scale, shift, common;
  };
  for (const Case& c :
       {Case{1, 0, 0}, Case{10'000, 0, 0}, Case{1e-4, 0, 0}, Case{1, 100, 0}, Case{1, 0, 20}}) {
    write_blobs(c.scale, c.shift, c.common);
    for (const Method method : {Method::consensus, Method::communities, Method::scan}) {
      EXPECT_EQ(accuracy(FeatureNormalization::center, method), 1.0)
          << method_name(method) << ", " << c.scale << ", " << c.shift << ", " << c.common;
    }
  }
}

// Without this the test above would say nothing.
TEST_F(ClusterFeatures, DependOnScaleWithoutNormalization) {
  write_blobs(10'000, 0, 0);
  EXPECT_LT(accuracy(FeatureNormalization::none, Method::scan), 0.95);
}

// The self-labelled model is then SCAN's but for the last bits: it is neither chosen nor listed.
TEST_F(ClusterFeatures, SelfLabellingWithoutAConfidentImageIsLeftOut) {
  write_blobs(1, 0, 20);
  const ClusterOutcome outcome = cluster_blobs(FeatureNormalization::center, 1.0);
  std::set<std::string> listed;
  for (const ReportMethod& method : outcome.train) listed.insert(method.name);
  EXPECT_EQ(listed, (std::set<std::string>{"consensus", "communities", "SCAN", "k-means"}));
  EXPECT_NE(outcome.final_stage, "selflabel");
}

}  // namespace
}  // namespace nolabel
