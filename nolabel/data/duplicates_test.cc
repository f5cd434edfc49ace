#include "nolabel/data/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ContentId, BeginsTheSha256) {
  // SHA-256 of "abc", FIPS 180-4.
  EXPECT_THAT(content_id("abc"), ElementsAre(0xba7816bf8f01cfeaU, 0x414140de5dae2223U));
}

TEST(IdenticalGroups, AreAscendingAndInOrderOfTheirFirst) {
  const ContentId a{9, 9}, b{0, 1}, c{0, 2}, d{5, 5};
  EXPECT_THAT(identical_groups({a, b, c, b, d, a, a}),
              ElementsAre(ElementsAre(0, 5, 6), ElementsAre(1, 3)));
  EXPECT_THAT(identical_groups({a, b, c}), IsEmpty());
  EXPECT_THAT(identical_groups({}), IsEmpty());
}

}  // namespace
}  // namespace nolabel
