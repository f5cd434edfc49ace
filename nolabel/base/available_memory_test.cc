#include "nolabel/base/available_memory.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(AvailableMemory, IsWhatAProcessCanTake) {
  const int64_t available = available_memory();
  EXPECT_GT(available, int64_t{1} << 20);
  EXPECT_LT(available, int64_t{1} << 50);
  EXPECT_NO_THROW(require_memory(1, "rows"));
}

TEST(AvailableMemory, RefusesWhatCannotBe) {
  try {
    require_memory(1e18, "the rows");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_TRUE(means_no_memory(error)) << error.what();
    EXPECT_TRUE(std::string(error.what()).starts_with("out of memory: the rows need 1"));
  }
}

}  // namespace
}  // namespace nolabel
