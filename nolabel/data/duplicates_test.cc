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

TEST(ContentText, IsReadAsItWasWritten) {
  const ContentId content{0x00000000000000ffU, 0xfedcba9876543210U};
  EXPECT_EQ(content_text(content), "00000000000000fffedcba9876543210");
  EXPECT_EQ(parse_content(content_text(content)), content);
}

TEST(ContentText, HasThirtyTwoHexadecimalDigits) {
  const std::string good(32, 'a');
  EXPECT_TRUE(parse_content(good));
  for (const std::string& text : {std::string(), good + "a", good.substr(1), "g" + good.substr(1),
                                  "-" + good.substr(1), good.substr(1) + " "}) {
    EXPECT_FALSE(parse_content(text)) << text;
  }
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
