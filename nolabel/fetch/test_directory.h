// For tests: a directory of its own for every test, removed at the end.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/record/observer.h"

namespace nolabel {

class DirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  // Not write_file(): hundreds of files need not be flushed to the disk.
  void write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << content;
  }

  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / ("nolabel_test_" + std::to_string(getpid()));
  Observer observer;
};

}  // namespace nolabel
