#include "nolabel/serve/token.h"

#include <gmock/gmock.h>

#include <set>

namespace nolabel {
namespace {

TEST(Token, Is128BitsThatNobodyGuesses) {
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(random_token());
  EXPECT_EQ(tokens.size(), 100u);
  for (const std::string& token : tokens) {
    EXPECT_THAT(token, testing::MatchesRegex("[0-9a-f]{32}"));
  }
}

TEST(Token, OnlyTheSameIsTheSame) {
  const std::string token = "0123456789abcdef0123456789abcdef";
  EXPECT_TRUE(same_token(token, token));
  EXPECT_FALSE(same_token("", token));
  EXPECT_FALSE(same_token(token.substr(1), token));
  EXPECT_FALSE(same_token(token + "0", token));
  EXPECT_FALSE(same_token(token + std::string(1, '\0'), token));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = 'x';
    EXPECT_FALSE(same_token(other, token));
  }
}

}  // namespace
}  // namespace nolabel
