#include "nolabel/pipeline/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nolabel {
namespace {

Prediction two_images() {
  Prediction prediction;
  prediction.names = {"a/cat.jpg", "b/cat.jpg"};
  prediction.probabilities = Matrix<float>(2, 3);
  for (int64_t i = 0; i < 2; ++i) {
    prediction.probabilities.at(i, 0) = 0.25f;
    prediction.probabilities.at(i, 2) = 0.75f;
  }
  prediction.assignments = assign(prediction.probabilities);
  return prediction;
}

TEST(PredictionText, JsonLinesHaveTheColumnsOfTheCsv) {
  const Prediction prediction = two_images();
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

TEST(PredictionText, JsonLinesKeepNamesOutsideUtf8Distinct) {
  Prediction prediction = two_images();
  prediction.names = {"\xe9.jpg", "\xe8.jpg"};
  const std::string text = prediction_text(prediction, PredictionFormat::json_lines);
  EXPECT_THAT(text, testing::HasSubstr("\"bytes:%E9.jpg\""));
  EXPECT_THAT(text, testing::HasSubstr("\"bytes:%E8.jpg\""));
}

}  // namespace
}  // namespace nolabel
