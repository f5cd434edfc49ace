#include "nolabel/model/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/gpu/driver.h"

namespace nolabel {
namespace {

Fault fault_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.fault();
  }
  return Fault::internal;
}

TEST(ChooseDevice, KnowsItsNames) {
  EXPECT_TRUE(choose_device("cpu").is_cpu());
  EXPECT_NO_THROW(choose_device("auto"));
  for (const char* wrong : {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"}) {
    EXPECT_EQ(fault_of([&] { choose_device(wrong); }), Fault::usage) << wrong;
  }
}

TEST(ChooseDevice, SaysWhyThereIsNoCuda) {
  if (query_cuda_driver().found) GTEST_SKIP() << "there is a driver here";
  EXPECT_EQ(fault_of([] { choose_device("cuda"); }), Fault::system);
  EXPECT_THAT([] { choose_device("cuda:0"); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("no NVIDIA driver")));
}

TEST(ChoosePrecision, IsBf16WhereTheProcessorHasIt) {
  const std::vector<std::string> features = processor_features();
  const bool has_bf16 = std::ranges::find(features, "avx512bf16") != features.end();
  EXPECT_EQ(choose_precision("auto", at::kCPU), has_bf16 ? Precision::bf16 : Precision::fp32);
  EXPECT_EQ(choose_precision("bf16", at::kCPU), Precision::bf16);
  EXPECT_EQ(precision_name(choose_precision("fp16", at::kCPU)), "fp16");
  EXPECT_EQ(fault_of([] { choose_precision("fp8", at::kCPU); }), Fault::usage);
}

TEST(MeasureMatmul, IsAPlausibleRate) {
  const double rate = measure_matmul_gflops(at::kCPU, Precision::fp32);
  EXPECT_GT(rate, 0.1);
  EXPECT_LT(rate, 1e6);
}

}  // namespace
}  // namespace nolabel
