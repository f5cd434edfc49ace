#include "nolabel/edits/cluster_identity.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/edits/error_testing.h"

namespace nolabel {
namespace {

const std::vector<ClusterIdentity> kThree = {
    {0, "", "found by nolabel"}, {7, "cats \"x\" é", "clusters 1 and 7 merged"}, {3, "", ""}};

TEST(ClusterIdentity, IsReadAsItWasWritten) {
  const auto text = identities_json(kThree).dump();
  EXPECT_EQ(identities_from_json(nlohmann::json::parse(text), "f.json"), kThree);
}

TEST(ClusterIdentity, RefusesOtherJson) {
  for (const char* text :
       {R"({})", R"([1])", R"([{"id": 1, "name": "a"}])",
        R"([{"id": -1, "name": "", "origin": ""}])", R"([{"id": "1", "name": "", "origin": ""}])",
        R"([{"id": 2000000000, "name": "", "origin": ""}])",
        R"([{"id": 1, "name": 2, "origin": ""}])", R"([{"id": 1, "name": "", "origin": null}])",
        R"([{"id": 1, "name": "", "origin": "", "more": 1}])",
        R"([{"id": 1, "name": "", "origin": ""}, {"id": 1, "name": "", "origin": ""}])"}) {
    const std::string error =
        error_of([&] { identities_from_json(nlohmann::json::parse(text), "f.json"); });
    EXPECT_TRUE(error.starts_with("data: f.json must have ")) << text << ": " << error;
  }
}

TEST(ClusterIdentity, IsFoundById) {
  EXPECT_EQ(next_free_id(kThree), 8);
  EXPECT_EQ(next_free_id({}), 0);
  EXPECT_EQ(index_of(kThree, 3), 2u);
  EXPECT_EQ(index_of(kThree, 1), std::nullopt);
}

TEST(ClusterIdentity, HasATitle) {
  EXPECT_EQ(cluster_title(kThree[1]), "cats \"x\" é");
  EXPECT_EQ(cluster_title(kThree[2]), "cluster 3");
  EXPECT_EQ(cluster_list({4}), "cluster 4");
  EXPECT_EQ(cluster_list({4, 1}), "clusters 4 and 1");
  EXPECT_EQ(cluster_list({4, 1, 7}), "clusters 4, 1 and 7");
}

TEST(ClusterFolder, IsTheNameWhereNoOtherHasIt) {
  const std::vector<ClusterIdentity> all = {{3, "", ""},       {4, "cats", ""}, {7, "Cats", ""},
                                            {8, "a/b: c", ""}, {9, "..", ""},   {10, "5", ""},
                                            {11, " x. ", ""}};
  const auto folder = [&all](size_t i) { return cluster_folder(all[i], all); };
  EXPECT_EQ(folder(0), "3");
  EXPECT_EQ(folder(1), "cats (4)");
  EXPECT_EQ(folder(2), "Cats (7)");
  EXPECT_EQ(folder(3), "a-b- c");
  EXPECT_EQ(folder(4), "9");
  EXPECT_EQ(folder(5), "5 (10)");
  EXPECT_EQ(folder(6), "x");
  const ClusterIdentity lengthy{1, std::string(99, 'x') + "\u00e9", ""};
  EXPECT_EQ(cluster_folder(lengthy, {lengthy}), std::string(99, 'x'));
}

}  // namespace
}  // namespace nolabel
