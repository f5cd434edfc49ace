// Vision transformers of full width, in the files of timm, Hugging Face, DINOv2's authors and
// OpenAI: random weights, written and computed in the peers' environment (tools/golden/vit.py).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <optional>

#include "nolabel/base/file.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/model/recognise.h"
#include "nolabel/weights/peers_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

using namespace testing_models;
namespace fs = std::filesystem;
namespace peers = testing_peers;

struct Opened {
  RecognisedBackbone backbone;
  Model model;
};

Opened opened(const fs::path& file) {
  WeightsInFile weights = read_model_weights(file);
  RecognisedBackbone backbone = recognise_backbone(weights.state, weights.metadata, 0, file);
  Model model({.kind = ModelSettings::Kind::clustering, .backbone = backbone.network}, 0,
              weights.state);
  return {std::move(backbone), std::move(model)};
}

double largest_error(const at::Tensor& actual, const at::Tensor& expected) {
  return ((actual.to(at::kDouble) - expected).abs() / expected.abs().clamp_min(1.0))
      .max()
      .item<double>();
}

double least_cosine(const at::Tensor& actual, const at::Tensor& expected) {
  return at::cosine_similarity(actual.to(at::kDouble), expected, 1).min().item<double>();
}

// "112x154"
at::Tensor views_of(const std::string& size) {
  const size_t cross = size.find('x');
  return rough({2, 3, std::stoi(size.substr(0, cross)), std::stoi(size.substr(cross + 1))}, 0.5);
}

void expect_timms_views(const Preprocessing& views, const at::Tensor& golden,
                        const std::string& name) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(views.mean[i], golden[i].item<double>(), 1e-6) << name;
    EXPECT_NEAR(views.std[i], golden[3 + i].item<double>(), 1e-6) << name;
  }
  EXPECT_EQ(views.pictures.interpolation == Interpolation::bicubic, golden[6].item<double>() != 0)
      << name;
}

// One test, because writing the models is most of the work.
TEST(VitFiles, GiveTheFeaturesOfTheProgramsThatWriteThem) {
  const auto python = peers::python();
  if (!python) GTEST_SKIP() << "the peers' environment is not there (tools/peers.sh)";
  const TemporaryDirectory scratch;
  ASSERT_EQ(peers::run(*python, "golden/vit.py", "live '" + scratch.path().string() + "'"), 0);
  const Value golden = read_weights_file(scratch.path() / "golden.safetensors");
  std::string name;
  std::optional<Opened> now;
  int compared = 0;
  for (const auto& [whole, expected] : to_state_dict(golden, "golden.safetensors")) {
    const std::string file = whole.substr(0, whole.find('/'));
    const std::string size = whole.substr(whole.find('/') + 1);
    if (file != name) {
      name = file;
      const fs::path pickled = scratch.path() / (name + ".pth");
      now = opened(fs::exists(pickled) ? pickled : scratch.path() / (name + ".safetensors"));
    }
    if (size == "views") {
      expect_timms_views(now->backbone.views, expected, name);
      continue;
    }
    const at::Tensor views = views_of(size);
    const auto computed = [&](Precision precision) {
      now->model.place(at::kCPU, precision);
      return now->model.features(views, ForwardMode::evaluate);
    };
    EXPECT_LT(largest_error(computed(Precision::fp32), expected), 1e-4) << whole;
    EXPECT_GT(least_cosine(computed(Precision::bf16), expected), 0.999) << whole;
    EXPECT_LT(largest_error(computed(Precision::fp64), expected), 1e-10) << whole;
    ++compared;
  }
  EXPECT_GT(compared, 25);
}

}  // namespace
}  // namespace nolabel
