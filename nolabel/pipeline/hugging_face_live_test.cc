// Views of a folder that transformers wrote, against transformers' own processors of pictures
// (tools/golden/hugging_face.py).
#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/hugging_face_testing.h"
#include "nolabel/weights/peers_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
namespace peers = testing_peers;
using testing_hugging_face::largest_difference;
using testing_hugging_face::view_of;
using testing_hugging_face::write_small_vit;  // the weights do not matter to the views

TEST(HuggingFaceViews, AreThoseOfTransformers) {
  const auto python = peers::python();
  if (!python) GTEST_SKIP() << "the peers' environment is not there (tools/peers.sh)";
  const TemporaryDirectory scratch;
  ASSERT_EQ(peers::run(*python, "golden/hugging_face.py", "'" + scratch.path().string() + "'"), 0);
  const fs::path vit = scratch.path() / "vit.safetensors";
  write_small_vit(vit);
  const Value golden = read_weights_file(scratch.path() / "golden.safetensors");
  int exact = 0;
  for (const auto& [name, expected] : to_state_dict(golden, "golden.safetensors")) {
    const fs::path processor = name.substr(0, name.find('/'));
    const std::string of = name.substr(name.find('/') + 1);
    const std::string picture = of.substr(0, of.find('/'));
    const fs::path weights = scratch.path() / processor / "model.safetensors";
    if (!fs::exists(weights)) fs::copy_file(vit, weights);
    const Backbone backbone = load_backbone(weights.parent_path().string());
    const at::Tensor view = view_of(backbone, scratch.path() / (picture + ".png"));
    ASSERT_EQ(view.sizes(), expected.sizes()) << name;
    const double difference = largest_difference(backbone, view, expected);
    const bool by_tensors = of != picture;
    // torchvision rounds otherwise than Pillow where it resizes tensors.
    EXPECT_LT(difference, by_tensors ? 2.01 : 1e-3) << name;
    if (!by_tensors) ++exact;
  }
  EXPECT_EQ(exact, 30);
}

}  // namespace
}  // namespace nolabel
