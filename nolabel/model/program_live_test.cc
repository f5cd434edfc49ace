// Networks of timm that nolabel does not have, as Python saves them: random weights, scripted and
// traced in the peers' environment (tools/golden/program.py).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/model/program.h"
#include "nolabel/weights/peers_testing.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

namespace peers = testing_peers;

TEST(ProgramFiles, GiveTheFeaturesThatPyTorchGives) {
  const auto python = peers::python();
  if (!python) GTEST_SKIP() << "the peers' environment is not there (tools/peers.sh)";
  const TemporaryDirectory scratch;
  ASSERT_EQ(peers::run(*python, "golden/program.py", "live '" + scratch.path().string() + "'"), 0);
  const Value golden = read_weights_file(scratch.path() / "golden.safetensors");
  const at::Tensor views = testing_models::rough({3, 3, 64, 64}, 0.5).to(at::kFloat);
  int compared = 0;
  for (const auto& [name, expected] : to_state_dict(golden, "golden.safetensors")) {
    const BackboneProgram program(scratch.path() / (name + ".pt"), 64,
                                  {.use = ProgramAccess::Use::allowed});
    EXPECT_EQ(program.known().dimensions, expected.size(1)) << name;
    const at::Tensor features = program.features(views);
    const double scale = expected.abs().max().item<double>();
    EXPECT_LT((features - expected).abs().max().item<double>(), 1e-4 * scale) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 5);
}

}  // namespace
}  // namespace nolabel
