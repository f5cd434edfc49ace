#include "nolabel/record/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace nolabel {
namespace {

// Check value of the algorithm, and the vectors of RFC 3720, appendix B.4.
TEST(Crc32c, EqualsThePublishedVectors) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  EXPECT_EQ(crc32c(ascending), 0x46DD794Eu);
}

}  // namespace
}  // namespace nolabel
