#include "nolabel/pipeline/predict.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

class PredictTest : public testing::Test {
 protected:
  // Two pictures of one name, in the same cluster.
  void SetUp() override {
    fs::remove_all(directory);
    for (const char* folder : {"a", "b"}) {
      fs::create_directories(directory / folder);
      const fs::path file = directory / folder / "cat.jpg";
      write_file(file, folder);
      prediction.files.push_back(file);
      prediction.names.push_back(std::string(folder) + "/cat.jpg");
    }
    prediction.probabilities = Matrix<float>(2, 3);
    for (int64_t i = 0; i < 2; ++i) {
      prediction.probabilities.at(i, 0) = 0.25f;
      prediction.probabilities.at(i, 2) = 0.75f;
    }
    prediction.assignments = assign(prediction.probabilities);
  }
  void TearDown() override { fs::remove_all(directory); }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("predict_test_{}", int64_t{::getpid()});
  Prediction prediction;
};

TEST_F(PredictTest, JsonLinesHaveTheColumnsOfTheCsv) {
  const std::string text = prediction_text(prediction, PredictionFormat::json_lines);
  const auto object = nlohmann::json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(object["path"], "a/cat.jpg");
  EXPECT_EQ(object["cluster"], 2);
  EXPECT_EQ(object["confidence"], 0.75);
  EXPECT_EQ(object["runner_up"], 0);
  EXPECT_EQ(object["runner_up_confidence"], 0.25);
  const std::string csv = prediction_text(prediction, PredictionFormat::csv);
  EXPECT_EQ(csv.substr(0, csv.find('\n')),
            "path,cluster,confidence,runner_up,runner_up_confidence");
}

TEST_F(PredictTest, SortedCopiesOfOneNameStayApart) {
  sort_into(directory / "sorted", prediction, /*copy=*/true);
  EXPECT_EQ(read_file(directory / "sorted/2/cat.jpg"), "a");
  EXPECT_EQ(read_file(directory / "sorted/2/cat-2.jpg"), "b");
  EXPECT_FALSE(fs::is_symlink(directory / "sorted/2/cat.jpg"));
}

TEST_F(PredictTest, SortedLinksNameTheOriginal) {
  sort_into(directory / "sorted", prediction, /*copy=*/false);
  EXPECT_EQ(fs::read_symlink(directory / "sorted/2/cat-2.jpg"),
            fs::absolute(directory / "b/cat.jpg"));
}

TEST_F(PredictTest, SortingAgainAddsNothing) {
  for (const bool copy : {true, false}) {
    const fs::path sorted = directory / (copy ? "copies" : "links");
    for (int time = 0; time < 2; ++time) sort_into(sorted, prediction, copy);
    EXPECT_EQ(std::distance(fs::directory_iterator(sorted / "2"), fs::directory_iterator()), 2);
  }
}

TEST_F(PredictTest, SortingNeedsFiles) {
  prediction.files.clear();
  EXPECT_THROW(sort_into(directory / "sorted", prediction, true), Error);
}

}  // namespace
}  // namespace nolabel
