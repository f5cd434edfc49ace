// Private to the tests of this folder: values against golden ones of PyTorch in float64.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "nolabel/weights/weights_file.h"

namespace nolabel {

inline void expect_near(const at::Tensor& actual, const Value& golden, const std::string& name) {
  const Value* found = golden.find(name);
  ASSERT_TRUE(found) << name;
  const at::Tensor expected = std::get<at::Tensor>(found->data);
  ASSERT_EQ(actual.sizes(), expected.sizes()) << name;
  const double error =
      ((actual - expected).abs() / expected.abs().clamp_min(1e-3)).max().item<double>();
  EXPECT_LT(error, 1e-10) << name;
}

}  // namespace nolabel
