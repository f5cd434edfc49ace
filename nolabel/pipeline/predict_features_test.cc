#include "nolabel/pipeline/predict_features.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class PredictFeatures : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder);
    fs::create_directories(folder);
    // Head 1 counts: the larger of two values wins.
    trained.model.parameters()[2].tensor.detach().copy_(at::eye(2));
    trained.model.parameters()[3].tensor.detach().zero_();
    trained.head = 1;
    Matrix<float> rows(3, 2);
    rows.values = {2, 0, 0, 3, 5, 1};
    write_npy(features, rows);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string complaint() {
    try {
      predict_features(trained, features, names, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  }

  const fs::path folder =
      fs::path(testing::TempDir()) / format("predict_features_{}", static_cast<int64_t>(getpid()));
  const fs::path features = folder / "new.npy", names = folder / "names.csv";
  TrainedModel trained{.model = Model({.kind = ModelSettings::Kind::clustering,
                                       .backbone = given_features(2),
                                       .clusters = 2,
                                       .heads = 2},
                                      0),
                       .evaluation = {},
                       .labels = "",
                       .stage = "scan"};
};

TEST_F(PredictFeatures, AreTheModelsProbabilities) {
  const Prediction prediction = predict_features(trained, features, {}, {});
  EXPECT_THAT(prediction.names, ElementsAre("0", "1", "2"));
  EXPECT_THAT(clusters_of(prediction.assignments), ElementsAre(0, 1, 0));
  EXPECT_NEAR(prediction.probabilities.at(1, 1), 1 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_TRUE(prediction.files.empty());
}

TEST_F(PredictFeatures, KnowTheFilesThatTheirNamesAre) {
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg"}) write_file(folder / name, "picture");
  write_file(names, "path\na.jpg\nb.jpg\nc.jpg\n");
  EXPECT_THAT(predict_features(trained, features, names, {}).files,
              ElementsAre(folder / "a.jpg", folder / "b.jpg", folder / "c.jpg"));
  write_file(names, "path\na.jpg \n.\\b.jpg\nc.jpg\n");  // as spreadsheets and Windows write them
  EXPECT_EQ(predict_features(trained, features, names, {}).files.size(), 3u);
  fs::remove(folder / "b.jpg");
  const Prediction prediction = predict_features(trained, features, names, {});
  EXPECT_TRUE(prediction.files.empty());
  EXPECT_THAT(prediction.no_file, HasSubstr("b.jpg"));
}

TEST_F(PredictFeatures, SayWhatDoesNotFit) {
  write_file(names, "path\na.jpg\n");
  EXPECT_THAT(complaint(), HasSubstr("names 1 rows, the features have 3"));
  write_npy(features, Matrix<float>(3, 5));
  EXPECT_THAT(complaint(), HasSubstr("must have 2 values per row, as the run's features have. It "
                                     "has 5."));
}

}  // namespace
}  // namespace nolabel
