#include "nolabel/group/device_link.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <vector>

#include "nolabel/group/watch.h"

namespace nolabel {
namespace {

using namespace std::chrono_literals;

// What happens on a device: operations wait for other processes until these answer.
struct Device {
  std::atomic<bool> answered = false, broken = false, aborted = false;
  std::atomic<int> synchronized = 0;
};

class WorkOnDevice : public c10d::Work {
 public:
  explicit WorkOnDevice(std::shared_ptr<Device> device) : device_(std::move(device)) {}
  bool isCompleted() override { return device_->answered || device_->broken || device_->aborted; }
  std::exception_ptr exception() const override {
    return device_->broken ? std::make_exception_ptr(std::runtime_error("a cable")) : nullptr;
  }
  void synchronize() override { ++device_->synchronized; }

 private:
  const std::shared_ptr<Device> device_;
};

class EngineOfDevice : public c10d::Backend {
 public:
  explicit EngineOfDevice(std::shared_ptr<Device> device)
      : Backend(0, 2), device_(std::move(device)) {}
  c10::intrusive_ptr<c10d::Work> allreduce(std::vector<at::Tensor>&,
                                           const c10d::AllreduceOptions&) override {
    return c10::make_intrusive<WorkOnDevice>(device_);
  }
  void abort() override { device_->aborted = true; }

 private:
  const std::shared_ptr<Device> device_;
};

// A link of process 0 of 2, the other of which may show no life for `silence`.
struct LinkTest {
  explicit LinkTest(std::chrono::duration<double> silence)
      : watch(std::make_shared<Watch>(c10::make_intrusive<c10d::HashStore>(), 0, 2, silence,
                                      CancelToken())),
        link(std::make_unique<DeviceLink>(c10::make_intrusive<EngineOfDevice>(device), watch)) {}
  void send() {
    std::vector<at::Tensor> tensors;
    link->send([&](c10d::Backend& engine) { return engine.allreduce(tensors); });
  }

  const std::shared_ptr<Device> device = std::make_shared<Device>();
  const std::shared_ptr<Watch> watch;
  std::unique_ptr<DeviceLink> link;
};

TEST(DeviceLink, WaitsForTheDeviceOnlyWhenAsked) {
  LinkTest test(1h);
  test.link->finish([] {});  // of nothing
  test.send();
  std::thread other([&] {
    std::this_thread::sleep_for(100ms);
    test.device->answered = true;
  });
  test.link->finish([] {});
  EXPECT_TRUE(test.device->answered);
  EXPECT_FALSE(test.watch->failure());
  test.link.reset();
  EXPECT_TRUE(test.device->aborted);  // that is how an engine ends
  other.join();
}

TEST(DeviceLink, LetsOtherWorkGoOnBesideWhatIsSentApart) {
  LinkTest test(1h);
  test.send();
  EXPECT_EQ(test.device->synchronized, 1);
  std::vector<at::Tensor> tensors;
  const auto work =
      test.link->send_apart([&](c10d::Backend& engine) { return engine.allreduce(tensors); });
  EXPECT_EQ(test.device->synchronized, 1);
  work->synchronize();
  EXPECT_EQ(test.device->synchronized, 2);
  test.device->answered = true;
}

TEST(DeviceLink, SetsFreeADeviceThatWaitsForAProcessThatIsGone) {
  LinkTest test(1s);
  test.send();
  while (!test.device->aborted) std::this_thread::sleep_for(10ms);  // a host that hangs
  EXPECT_TRUE(test.watch->failure()) << "known before anything is aborted";
  EXPECT_THROW(test.send(), std::runtime_error) << "an engine that was aborted might wait for ever";
  test.link->finish([] {});
}

TEST(DeviceLink, ThatBreaksIsAFailureOfAll) {
  LinkTest test(1h);
  test.send();
  test.device->broken = true;
  EXPECT_THROW(test.link->finish([] {}), std::runtime_error);
  while (!test.device->aborted) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(test.watch->failure());
}

}  // namespace
}  // namespace nolabel
