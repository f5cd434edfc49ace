// For tests: nolabel's folder of backbones and the caches of other programs are folders of the
// test.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace nolabel {

class TestBackboneFolders {
 public:
  explicit TestBackboneFolders(const std::filesystem::path& root) {
    ::setenv("NOLABEL_BACKBONES", (root / "own").c_str(), 1);
    ::setenv("TORCH_HOME", (root / "torch").c_str(), 1);
    ::setenv("HF_HOME", (root / "hf").c_str(), 1);
    ::unsetenv("HF_HUB_CACHE");
    ::unsetenv("NOLABEL_MIRROR");
  }
  TestBackboneFolders(const TestBackboneFolders&) = delete;
  TestBackboneFolders& operator=(const TestBackboneFolders&) = delete;
  ~TestBackboneFolders() {
    for (const char* name : {"NOLABEL_BACKBONES", "TORCH_HOME", "HF_HOME", "NOLABEL_MIRROR"}) {
      ::unsetenv(name);
    }
  }
};

}  // namespace nolabel
