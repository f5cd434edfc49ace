#include "nolabel/group/machine_name.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(MachineName, IsWaitedForNoLongerThanTheLimit) {
  wait_for_address("127.0.0.1", std::chrono::seconds(0));
  wait_for_address("localhost", std::chrono::seconds(0));
  try {
    wait_for_address("no-such-machine.invalid", std::chrono::milliseconds(300));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_NE(std::string(error.what()).find("the machine 'no-such-machine.invalid'"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace nolabel
