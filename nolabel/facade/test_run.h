// Private to the tests of this folder: a place of their own, and the error that a call ends with.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "nolabel/nolabel.h"

namespace nolabel {

class RunTest : public testing::Test {
 protected:
  static constexpr int classes = 3;

  void SetUp() override {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  // The fault that `call` ends with, which must be an Error.
  template <class Call>
  static Fault fault_of(const Call& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.fault();
    }
    ADD_FAILURE() << "no error";
    return Fault::internal;
  }

  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / ("nolabel_facade_" + std::to_string(getpid()));
};

}  // namespace nolabel
