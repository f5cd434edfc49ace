#include "nolabel/base/home_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(ExpandHome, ReplacesOnlyALeadingTilde) {
  ASSERT_EQ(::setenv("HOME", "/somewhere", 1), 0);
  EXPECT_EQ(expand_home("~/data"), "/somewhere/data");
  EXPECT_EQ(expand_home("~"), "/somewhere");
  EXPECT_EQ(expand_home("/a/~/b"), "/a/~/b");
  EXPECT_EQ(expand_home("data"), "data");
  EXPECT_EQ(expand_home(""), "");
}

TEST(ExpandHome, KnowsOtherUsersAndRefusesUnknownOnes) {
  EXPECT_TRUE(expand_home("~root/x").ends_with("/x"));
  EXPECT_FALSE(expand_home("~root/x").starts_with("~"));
  EXPECT_THROW(expand_home("~no_such_user_here/x"), Error);
}

}  // namespace
}  // namespace nolabel
