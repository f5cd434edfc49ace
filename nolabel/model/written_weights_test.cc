// PyTorch reads whole checkpoints of nolabel: its modules and its optimizer load them strictly.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/model/model.h"
#include "nolabel/weights/peers_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

// With the peers' environment in place, its PyTorch opens our file, weights only.
TEST(WrittenWeights, LoadInPython) {
  const auto python = testing_peers::python();
  if (!python) GTEST_SKIP() << "without the peers' environment";
  ModelSettings settings;
  settings.backbone.parameters["width"] = "8";
  settings.embedding_dimensions = 6;
  const Model model(settings, 1);
  ValueDict states;
  ValueList indices;
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    indices.emplace_back(index);
    const at::Tensor momentum = at::zeros_like(model.parameters()[i].tensor);
    states.emplace_back(index, Value::dict({{std::string("momentum_buffer"), momentum}}));
  }
  Value group = Value::dict(
      {{std::string("lr"), 0.4}, {std::string("params"), Value::list(std::move(indices))}});
  Value optimizer = Value::dict({{std::string("state"), Value::dict(std::move(states))},
                                 {std::string("param_groups"), Value::list({std::move(group)})}});
  ValueDict dict;
  dict.emplace_back(std::string("model"), to_value(model.state_dict()));
  const Model clustering({.kind = ModelSettings::Kind::clustering,
                          .backbone = {"resnet50", {{"stem", "imagenet"}, {"width", "8"}}},
                          .clusters = 5,
                          .heads = 2},
                         1);
  dict.emplace_back(std::string("clustering"), to_value(clustering.state_dict()));
  dict.emplace_back(std::string("optimizer"), std::move(optimizer));
  const std::string file = testing::TempDir() + "nolabel_model_for_python.pth";
  write_torch_file(file, Value::dict(std::move(dict)));
  EXPECT_EQ(testing_peers::run(*python, "golden/model.py", format("verify '{}'", file)), 0);
}

}  // namespace
}  // namespace nolabel
