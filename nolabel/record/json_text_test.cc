#include "nolabel/record/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nolabel {
namespace {

using nlohmann::json;

TEST(JsonText, IsThatOfTheJsonLibrary) {
  const json value = {{"a", {1, 2.5, true, nullptr, "\u00e9t\u00e9"}}, {"b", {{"c", "bytes:"}}}};
  EXPECT_EQ(json_text(value), value.dump());
  EXPECT_EQ(json_text(value, 2), value.dump(2));
}

TEST(JsonText, KeepsNamesOutsideUtf8Distinct) {
  const json value = {{"names", {"\xe9.jpg", "\xe8.jpg"}}, {"\xe9", 1}, {"\xe8", 2}};
  const json read = json::parse(json_text(value));
  EXPECT_EQ(read["names"], json({"bytes:%E9.jpg", "bytes:%E8.jpg"}));
  EXPECT_EQ(read["bytes:%E9"], 1);
  EXPECT_EQ(read["bytes:%E8"], 2);
}

}  // namespace
}  // namespace nolabel
