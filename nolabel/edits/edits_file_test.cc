#include "nolabel/edits/edits_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/edits/error_testing.h"

namespace nolabel {
namespace {

Edits parsed(const std::string& text) {
  return parse_edits(text, "e.json");
}

// Without "usage: e.json must have ".
std::string wants(const std::string& text) {
  const std::string error = error_of([&] { parsed(text); });
  const std::string begin = "usage: e.json must have ";
  EXPECT_TRUE(error.starts_with(begin)) << text << ": " << error;
  return error.substr(std::min(begin.size(), error.size()));
}

TEST(Edits, AreReadFromADocument) {
  const Edits edits = parsed(R"({"names": {"3": "cats", "10": ""}, "merge": [[4, 1], [0, 6, 5]],
    "split": [{"cluster": 2, "into": 3}], "move": [{"path": "a/b.jpg", "to": 5}],
    "junk": ["c.jpg", "c.jpg"], "keep": ["bytes:%FF.jpg", "a/b.jpg"]})");
  const Edits expected{.names = {{3, "cats"}, {10, ""}},
                       .merge = {{0, 6, 5}, {4, 1}},
                       .split = {{2, 3}},
                       .move = {{"a/b.jpg", 5}},
                       .junk = {"c.jpg"},
                       .keep = {"a/b.jpg", "\xff.jpg"}};
  EXPECT_EQ(edits, expected);
  EXPECT_EQ(parsed(edits_json(edits).dump()), edits);
  EXPECT_FALSE(is_empty(edits));
}

TEST(Edits, MayBeEmpty) {
  EXPECT_TRUE(is_empty(parsed("{}")));
  EXPECT_TRUE(is_empty(
      parsed(R"({"names": {}, "merge": [], "split": [], "move": [], "junk": [], "keep": []})")));
  EXPECT_EQ(edits_json({}).dump(), "{}");
  for (const char* text :
       {R"({"names": {"1": ""}})", R"({"merge": [[1, 2]]})",
        R"({"split": [{"cluster": 1, "into": 2}]})", R"({"move": [{"path": "a", "to": 1}]})",
        R"({"junk": ["a"]})", R"({"keep": ["a"]})"}) {
    EXPECT_FALSE(is_empty(parsed(text))) << text;
  }
}

TEST(Edits, AreWrittenInOneOrder) {
  const Edits one = parsed(R"({"merge": [[5, 2], [1, 7]], "junk": ["b", "a"]})");
  const Edits other = parsed(R"({"junk": ["a", "b", "a"], "merge": [[1, 7], [5, 2]]})");
  EXPECT_EQ(edits_json(one).dump(), R"({"junk":["a","b"],"merge":[[1,7],[5,2]]})");
  EXPECT_EQ(edits_json(one), edits_json(other));
}

TEST(Edits, RefuseUnknownKeysAndTypes) {
  EXPECT_EQ(wants(R"({"rename": {}})"),
            "only the keys names, merge, split, move, junk and keep. Received the key rename.");
  EXPECT_EQ(wants("[]"), "only the keys names, merge, split, move, junk and keep. Received [].");
  EXPECT_EQ(wants(R"({"names": [1]})"), "names as an object of texts by cluster. Received [1].");
  EXPECT_EQ(wants(R"({"names": {"1": 2}})"), "names as an object of texts by cluster. Received 2.");
  EXPECT_EQ(wants(R"({"merge": [1, 2]})"), "merge as lists of two or more clusters. Received 1.");
  EXPECT_EQ(wants(R"({"merge": [["1", 2]]})"),
            "merge as lists of two or more clusters. Received \"1\".");
  EXPECT_EQ(wants(R"({"move": {"a": 1}})"),
            "move as a list of objects with path and to. Received {\"a\":1}.");
  EXPECT_EQ(wants(R"({"move": [{"path": "a", "to": 1, "x": 0}]})"),
            "move as a list of objects with path and to. Received the key x.");
  EXPECT_EQ(wants(R"({"move": [{"path": "a"}]})"),
            "move as a list of objects with path and to. Received {\"path\":\"a\"}.");
  EXPECT_EQ(wants(R"({"junk": "a"})"), "junk as a list of paths. Received \"a\".");
  EXPECT_EQ(wants(R"({"keep": [1]})"), "keep as a list of paths. Received 1.");
  EXPECT_EQ(wants(R"({"keep": ["bytes:%zz"]})"), "keep as a list of paths. Received bytes:%zz.");
  EXPECT_EQ(wants(R"({"junk": null})"), "junk as a list of paths. Received null.");
  EXPECT_EQ(error_of([] { parsed("{'names': {}}"); }),
            "usage: e.json must be JSON. It is not at byte 2.");
}

TEST(Edits, RefuseClustersThatAreNoNumbers) {
  for (const std::string key :
       {"", "x", "03", "-1", "+3", "3 ", "1.0", "99999999999", "2000000000"}) {
    EXPECT_EQ(wants(R"({"names": {")" + key + R"(": "a"}})"),
              format("names by the number of the cluster. Received {}.", key));
  }
}

TEST(Edits, RefuseNamesThatNoPageCanShow) {
  EXPECT_EQ(parsed(R"({"names": {"1": ")" + std::string(200, 'x') + "\"}}").names.at(1).size(),
            200u);
  EXPECT_TRUE(wants(R"({"names": {"1": ")" + std::string(201, 'x') + "\"}}")
                  .starts_with("names of at most 200 bytes. Received xxx"));
  EXPECT_EQ(wants(R"({"names": {"1": "a\nb"}})"),
            "names without control characters. Received a\\x0ab.");
  EXPECT_EQ(wants(R"({"names": {"1": "\u0085"}})"),
            "names without control characters. Received \\xc2\\x85.");
}

TEST(Edits, RefuseContradictions) {
  EXPECT_EQ(wants(R"({"names": {"1": "a", "1": "b"}})"),
            "each key of an object once. Received 1 twice.");
  EXPECT_EQ(wants(R"({"move": [{"path": "a", "to": 1}, {"path": "a", "to": 2}]})"),
            "one cluster for each path in move. Received a to 1 and to 2.");
  EXPECT_EQ(parsed(R"({"move": [{"path": "a", "to": 1}, {"path": "a", "to": 1}]})").move.size(),
            1u);
  EXPECT_EQ(wants(R"({"junk": ["b", "a"], "keep": ["a"]})"),
            "a path either in junk or in keep. Received a in both.");
  EXPECT_EQ(wants(R"({"junk": ["a"], "move": [{"path": "a", "to": 1}]})"),
            "a path either in junk or in move. Received a in both.");
  EXPECT_EQ(wants(R"({"merge": [[1, 2], [3, 1]]})"), "each cluster once in merge. Received [3,1].");
  EXPECT_EQ(wants(R"({"merge": [[1, 1]]})"), "each cluster once in merge. Received [1,1].");
  EXPECT_EQ(wants(R"({"merge": [[1]]})"), "merge as lists of two or more clusters. Received [1].");
  EXPECT_EQ(wants(R"({"merge": [[1, 2]], "split": [{"cluster": 2, "into": 2}]})"),
            "a cluster either in merge or in split. Received cluster 2 in both.");
  EXPECT_EQ(wants(R"({"split": [{"cluster": 2, "into": 2}, {"cluster": 2, "into": 2}]})"),
            "split as a list of objects with cluster and into, each cluster once. Received "
            "{\"cluster\":2,\"into\":2}.");
  for (const int into : {-1, 0, 1, 1001}) {
    EXPECT_EQ(wants(R"({"split": [{"cluster": 2, "into": )" + std::to_string(into) + "}]}"),
              format("into as a whole number from 2 to 1000. Received {}.", into));
  }
}

TEST(Edits, RefuseHugeDocuments) {
  const std::string spaces((size_t{64} << 20) - 1, ' ');
  EXPECT_TRUE(is_empty(parsed(spaces.substr(1) + "{}")));
  EXPECT_EQ(error_of([&] { parsed(spaces + "{}"); }),
            "usage: e.json must be at most 67108864 bytes. It has 67108865.");
  EXPECT_EQ(wants(R"({"merge": )" + std::string(1'000'000, '[')),
            "at most 16 levels of lists and objects. Received more levels.");
}

}  // namespace
}  // namespace nolabel
