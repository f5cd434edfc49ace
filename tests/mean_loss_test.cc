// With learning rate 0 an epoch measures the mean loss over random views.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "nolabel/base/format.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// From the same weights on 300 images of CIFAR-10, the three stages' means agree with plain
// PyTorch, torchvision and Pillow (tools/mean_loss_check.py).
TEST(MeanLoss, AgreesWithPyTorch) {
  const fs::path root = NOLABEL_SOURCE;
  const char* chosen = std::getenv("NOLABEL_PEERS_PYTHON");
  const fs::path python = chosen ? fs::path(chosen) : root / ".peers" / "bin" / "python";
  if (!fs::exists(python)) GTEST_SKIP() << "without the peers' environment";
  const fs::path photos = new_folder("cifar10");
  ASSERT_EQ(std::system(format("tar -xJf '{}' -C '{}' cifar10-mini/train",
                               (root / "examples/cifar10-mini.tar.xz").string(), photos.string())
                            .c_str()),
            0);
  EXPECT_EQ(std::system(format("'{}' '{}' '{}' --epochs 8 --per-class 30 --program '{}'",
                               python.string(), (root / "tools/mean_loss_check.py").string(),
                               (photos / "cifar10-mini/train").string(), NOLABEL_PROGRAM)
                            .c_str()),
            0);
}

}  // namespace
}  // namespace nolabel
