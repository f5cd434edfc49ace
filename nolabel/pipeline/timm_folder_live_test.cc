// Folders that timm wrote, against timm's own features and views (tools/golden/timm_folders.py).
#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/pipeline/hugging_face_testing.h"
#include "nolabel/weights/peers_testing.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
namespace peers = testing_peers;

double largest_error_of_features(const Backbone& backbone, const at::Tensor& expected) {
  Model model = clustering_model(backbone, 2, 1, 0);
  model.place(at::kCPU, Precision::fp64);
  const int64_t side = backbone.image_size;
  const at::Tensor features =
      model.features(testing_models::rough({2, 3, side, side}, 0.5), ForwardMode::evaluate);
  const at::Tensor error = (features.to(at::kDouble) - expected).abs();
  return (error / expected.abs().clamp_min(1.0)).max().item<double>();
}

TEST(TimmFolders, GiveTheFeaturesAndViewsOfTimm) {
  const auto python = peers::python();
  if (!python) GTEST_SKIP() << "the peers' environment is not there (tools/peers.sh)";
  const TemporaryDirectory scratch;
  ASSERT_EQ(peers::run(*python, "golden/timm_folders.py", "'" + scratch.path().string() + "'"), 0);
  const Value golden = read_weights_file(scratch.path() / "golden.safetensors");
  int features = 0, views = 0;
  std::string now;
  Backbone backbone;
  for (const auto& [name, expected] : to_state_dict(golden, "golden.safetensors")) {
    const size_t slash = name.find('/');
    const std::string of = name.substr(slash + 1);
    if (const std::string folder = name.substr(0, slash); folder != now) {
      now = folder;
      backbone = load_backbone((scratch.path() / folder).string());
      EXPECT_EQ(backbone.assumption, "") << name;
    }
    if (of == "features") {
      EXPECT_LT(largest_error_of_features(backbone, expected), 1e-10) << name;
      ++features;
      continue;
    }
    const at::Tensor view = testing_hugging_face::view_of(backbone, scratch.path() / (of + ".png"));
    ASSERT_EQ(view.sizes(), expected.sizes()) << name;
    EXPECT_LT(testing_hugging_face::largest_difference(backbone, view, expected), 1e-3) << name;
    ++views;
  }
  EXPECT_EQ(features, 12);
  EXPECT_EQ(views, 24);
}

}  // namespace
}  // namespace nolabel
