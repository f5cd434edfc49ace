#include "nolabel/group/device_place.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/group/group_testing.h"

namespace nolabel {
namespace {

DevicePlace on_gpu(const std::string& gpu) {
  return {.gpu = gpu, .problem = ""};
}

TEST(DevicePlace, NcclNeedsAGpuOfItsOwnForEachProcess) {
  const DevicePlace a = on_gpu("node0 0b"), b = on_gpu("node0 0c"), far = on_gpu("node1 0b");
  EXPECT_EQ(reason_against_nccl({a}), "");
  EXPECT_EQ(reason_against_nccl({a, b, far}), "");
  EXPECT_EQ(reason_against_nccl({a, b, far, b}), "processes 1 and 3 compute on the same GPU");
  EXPECT_EQ(reason_against_nccl({a, DevicePlace{}, b}), "process 1 computes on processors");
  EXPECT_EQ(reason_against_nccl({DevicePlace{}, DevicePlace{}}),
            "process 0 computes on processors");
  EXPECT_EQ(reason_against_nccl({a, {.gpu = "node0 0c", .problem = "NOLABEL_NCCL is off"}}),
            "process 1 cannot use NCCL: NOLABEL_NCCL is off");
}

TEST(DevicePlace, OfAllProcessesIsTheSameInEach) {
  for (const int size : {1, 3}) {
    testing_group::run_as_group(size, [size](const std::shared_ptr<Group>& group) {
      EXPECT_EQ(device_places(*group, at::kCPU), std::vector<DevicePlace>(size));
      EXPECT_EQ(group->use_device(at::kCPU), "");
      at::Tensor x = at::ones({2});
      group->all_reduce({x});
      group->finish_collectives();
      EXPECT_EQ(x.sum().item<double>(), 2 * size);
      group->leave();
    });
  }
}

}  // namespace
}  // namespace nolabel
