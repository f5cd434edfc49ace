// Private to the tests of this folder: values against golden ones of PyTorch in float64.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <string>

#include "nolabel/weights/weights_file.h"

namespace nolabel {

// Gradients add up as many numbers as threads leave to a sum, so their last digits depend on the
// number of threads: 1.1e-10 was seen.
inline constexpr double gradient_tolerance = 1e-9;

inline void expect_near(const at::Tensor& actual, const Value& golden, const std::string& name,
                        double tolerance = 1e-10) {
  const Value* found = golden.find(name);
  ASSERT_TRUE(found) << name;
  const at::Tensor expected = std::get<at::Tensor>(found->data);
  ASSERT_EQ(actual.sizes(), expected.sizes()) << name;
  const double error =
      ((actual - expected).abs() / expected.abs().clamp_min(1e-3)).max().item<double>();
  EXPECT_LT(error, tolerance) << name;
}

}  // namespace nolabel
