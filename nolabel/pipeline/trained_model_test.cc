#include "nolabel/pipeline/trained_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/model/model_testing.h"

namespace nolabel {
namespace {

using testing::HasSubstr;

// PyTorch code that saves a bare state dict of several heads says nothing else.
TEST(TrainedModel, SaysThatTheFirstHeadIsTakenWhereNobodyNamedTheBest) {
  Backbone backbone;
  backbone.network = testing_models::slim_backbone();
  backbone.file = "bare.pth";
  const Model model({.kind = ModelSettings::Kind::clustering,
                     .backbone = backbone.network,
                     .clusters = 4,
                     .heads = 3},
                    0);
  Environment environment;
  std::string said;
  environment.observer.log = [&said](Severity, const std::string& text) { said += text; };
  EXPECT_EQ(clustering_model_of(model.state_dict(), 2, backbone, environment).head, 2);
  EXPECT_EQ(said, "");
  EXPECT_EQ(clustering_model_of(model.state_dict(), std::nullopt, backbone, environment).head, 0);
  EXPECT_THAT(said, HasSubstr("bare.pth does not say which of its 3 heads is the best: the first"));
}

}  // namespace
}  // namespace nolabel
