#include "nolabel/base/error.h"

#include <gtest/gtest.h>

#include <new>
#include <system_error>

namespace nolabel {
namespace {

TEST(AsError, KeepsAnErrorAndTellsWhoseFaultOthersAre) {
  const Error data = as_error(Error(Fault::data, "damaged"));
  EXPECT_EQ(data.fault(), Fault::data);
  EXPECT_STREQ(data.what(), "damaged");
  EXPECT_EQ(as_error(std::bad_alloc()).fault(), Fault::system);
  EXPECT_EQ(as_error(std::system_error(ENOSPC, std::generic_category())).fault(), Fault::system);
  EXPECT_EQ(as_error(std::out_of_range("vector")).fault(), Fault::internal);
}

TEST(AsError, KnowsHowLibrariesSayThatMemoryIsExhausted) {
  for (const char* message :
       {"[enforce fail at alloc_cpu.cpp:115] . DefaultCPUAllocator: can't allocate memory",
        "CUDA out of memory", "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "could not create a primitive"}) {
    const Error error = as_error(std::runtime_error(message));
    EXPECT_EQ(error.fault(), Fault::system) << message;
    EXPECT_STREQ(error.what(), "out of memory");
  }
}

// LibTorch's messages go on with a trace.
TEST(AsError, IsOneLine) {
  EXPECT_STREQ(as_error(std::runtime_error("bad shape\nException raised from")).what(),
               "bad shape");
}

}  // namespace
}  // namespace nolabel
