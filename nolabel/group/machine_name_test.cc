#include "nolabel/group/machine_name.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(MachineName, IsWaitedForNoLongerThanTheLimit) {
  wait_for_address("127.0.0.1", std::chrono::seconds(0));
  wait_for_address("localhost", std::chrono::seconds(0));
  try {
    // No name service is asked for a name with so long a part.
    wait_for_address(std::string(64, 'x') + ".invalid", std::chrono::milliseconds(300));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_NE(std::string(error.what()).find("must know the machine 'xxx"), std::string::npos);
  }
}

}  // namespace
}  // namespace nolabel
