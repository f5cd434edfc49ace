// Files of the program in PyTorch's own modules, where the peers' environment is (make peers).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path& checkpoint() {
  static const fs::path file = clustered() / "scan/checkpoint.pth.tar";
  return file;
}

TEST(Python, LoadsPlainAndPrefixedFilesStrictly) {
  const fs::path root = NOLABEL_SOURCE;
  const char* chosen = std::getenv("NOLABEL_PEERS_PYTHON");
  const fs::path python = chosen ? fs::path(chosen) : root / ".peers" / "bin" / "python";
  if (!fs::exists(python)) GTEST_SKIP() << "without the peers' environment";
  const fs::path prefixed = new_folder("prefixed") / "checkpoint.pth.tar";
  const Outcome outcome =
      run("convert " + checkpoint().string() + " " + prefixed.string() + " --prefix module.");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::system(format("'{}' '{}' '{}' '{}' 8", python.string(),
                               (root / "tools/parallel_check.py").string(), clustered().string(),
                               prefixed.string())
                            .c_str()),
            0);
}

TEST(Python, PrefixedWeightsAreReadBack) {
  const fs::path folder = new_folder("prefixed_read");
  const fs::path prefixed = folder / "model.pth.tar", back = folder / "back.safetensors";
  const Outcome outcome = run("convert " + (clustered() / "scan/model.pth.tar").string() + " " +
                              prefixed.string() + " --prefix module.");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(run("inspect " + prefixed.string()).out, HasSubstr("backbone.conv1.weight"));
  EXPECT_EQ(run("eval " + images().string() + " --quiet --model " + prefixed.string()).code, 0);
  expect_failure("convert " + checkpoint().string() + " " + back.string() + " --prefix module.", 2,
                 "OUT must end in .pth, .pt or .pth.tar with --prefix");
  for (const char* flag : {"--half", "--image-size 32"}) {
    expect_failure(
        "convert " + checkpoint().string() + " " + prefixed.string() + " --prefix module. " + flag,
        2,
        "It cannot be combined with " + std::string(flag).substr(0, std::string(flag).find(' ')) +
            ".");
  }
}

}  // namespace
}  // namespace nolabel
