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

}  // namespace
}  // namespace nolabel
