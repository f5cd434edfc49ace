#include "nolabel/train/gradient_buckets.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "nolabel/group/group_testing.h"

namespace nolabel {
namespace {

using Tensors = std::vector<at::Tensor>;
using testing_group::run_as_group;

// A chain of layers, the first of which a backward pass reaches last.
Tensors chain(int layers) {
  Tensors leaves;
  for (int i = 0; i < layers; ++i) {
    leaves.push_back(at::full({4}, 1 + i, at::kDouble).requires_grad_());
  }
  return leaves;
}

// Each leaf's gradient is `factor` times the product of the others.
at::Tensor product_of(const Tensors& leaves, double factor) {
  at::Tensor x = at::full({4}, factor, at::kDouble);
  for (const at::Tensor& leaf : leaves) x = x * leaf;
  return x.sum();
}

constexpr int64_t one_leaf = 4 * sizeof(double);

TEST(GradientBuckets, SumTheProcessesInBucketsOfAnySize) {
  for (const int64_t bytes : {int64_t{1}, one_leaf, 2 * one_leaf, int64_t{1} << 20}) {
    run_as_group(3, [bytes](const std::shared_ptr<Group>& group) {
      const Tensors leaves = chain(3);
      GradientBuckets buckets(group, leaves, leaves, bytes);
      for (const double step : {1, 2}) {  // the same memory again
        buckets.expect_last_pass();
        product_of(leaves, step * (1 + group->rank())).backward();
        buckets.finish();
        for (int i = 0; i < 3; ++i) {
          EXPECT_TRUE(at::equal(buckets.gradients()[i],
                                at::full({4}, step * (1 + 2 + 3) * 6 / (1 + i), at::kDouble)));
          EXPECT_FALSE(leaves[i].grad().defined());
        }
      }
    });
  }
}

TEST(GradientBuckets, TravelDuringTheBackwardPass) {
  run_as_group(2, [](const std::shared_ptr<Group>& group) {
    Tensors leaves = chain(3);
    GradientBuckets buckets(group, leaves, leaves, one_leaf);
    buckets.expect_last_pass();
    // The gradient of the first layer comes only when the sum of the last one is there: it waits
    // for what nobody else brings while the pass goes on. It looks at the sum while Gloo writes it,
    // which only a test does.
    double seen = 0;
    const at::Tensor first = leaves[0] * 1;
    first.register_hook([&](const at::Tensor& gradient) {
      for (int i = 0; i < 10000 && seen == 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const double now = buckets.gradients()[2][0].item<double>();
        if (now == 3 * 2) seen = now;  // by one process alone it is 2 or 4
      }
      return gradient;
    });
    const at::Tensor x = first * leaves[1] * leaves[2] * (1.0 + group->rank());
    x.sum().backward();
    EXPECT_EQ(seen, 3 * 2);
    buckets.finish();
  });
}

TEST(GradientBuckets, WaitForTheLastPass) {
  run_as_group(2, [](const std::shared_ptr<Group>& group) {
    const Tensors leaves = chain(2);
    GradientBuckets buckets(group, leaves, leaves, one_leaf);
    product_of(leaves, 1).backward();
    buckets.expect_last_pass();
    product_of(leaves, 10).backward();
    buckets.finish();
    EXPECT_TRUE(at::equal(buckets.gradients()[0], at::full({4}, 2 * 11 * 2, at::kDouble)));
    EXPECT_TRUE(at::equal(buckets.gradients()[1], at::full({4}, 2 * 11 * 1, at::kDouble)));
  });
}

TEST(GradientBuckets, HoldZerosWhereNoPassHasCome) {
  run_as_group(2, [](const std::shared_ptr<Group>& group) {
    const Tensors leaves = chain(3);
    GradientBuckets buckets(group, leaves, leaves, one_leaf);
    for (const bool all : {true, false}) {
      buckets.expect_last_pass();
      product_of(all ? leaves : Tensors{leaves[0], leaves[2]}, 1).backward();
      buckets.finish();
      EXPECT_EQ(buckets.gradients()[0][0].item<double>(), all ? 12 : 6);
      EXPECT_EQ(buckets.gradients()[1][0].item<double>(), all ? 6 : 0);
      EXPECT_EQ(buckets.gradients()[2][0].item<double>(), all ? 4 : 2);
    }
    buckets.expect_last_pass();  // nothing at all
    buckets.finish();
    EXPECT_EQ(at::cat(buckets.gradients()).abs().sum().item<double>(), 0);
  });
}

TEST(GradientBuckets, KeepTypeAndStrides) {
  run_as_group(2, [](const std::shared_ptr<Group>& group) {
    const Tensors leaves = {at::ones({2, 3, 2, 2}, at::kBFloat16)
                                .contiguous(at::MemoryFormat::ChannelsLast)
                                .requires_grad_()};
    const Tensors like = {leaves[0].detach().to(at::kFloat)};
    GradientBuckets buckets(group, leaves, like);
    buckets.expect_last_pass();
    const at::Tensor factors = at::arange(24).view({2, 3, 2, 2});
    (leaves[0] * factors).sum().backward();
    buckets.finish();
    EXPECT_TRUE(at::equal(buckets.gradients()[0], (2 * factors).to(at::kFloat)));
    EXPECT_EQ(buckets.gradients()[0].strides(), like[0].strides());
  });
}

TEST(GradientBuckets, TakeTheirHooksAway) {
  run_as_group(2, [](const std::shared_ptr<Group>& group) {
    const Tensors leaves = chain(2);
    { const GradientBuckets buckets(group, leaves, leaves); }
    product_of(leaves, 1).backward();
    EXPECT_TRUE(leaves[0].grad().defined());
  });
}

}  // namespace
}  // namespace nolabel
