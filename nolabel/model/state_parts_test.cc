#include "nolabel/model/state_parts.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nolabel/model/model_testing.h"

namespace nolabel {
namespace {

StateDict clusters_state(int clusters, int heads) {
  return Model({.kind = ModelSettings::Kind::clustering,
                .backbone = testing_models::slim_backbone(),
                .clusters = clusters,
                .heads = heads},
               1)
      .state_dict();
}

StateDict contrastive_state(HeadKind head, int dimensions) {
  return Model({.backbone = testing_models::slim_backbone(),
                .head = head,
                .embedding_dimensions = dimensions},
               1)
      .state_dict();
}

// Head 1 and head 10 begin alike.
TEST(StateParts, OneOfElevenHeadsBecomesTheFirst) {
  const StateDict state = clusters_state(4, 11);
  EXPECT_EQ(cluster_head_count(state), 11);
  EXPECT_EQ(cluster_count(state), 4);
  for (const int head : {1, 10}) {
    const StateDict one = with_one_cluster_head(state, head);
    EXPECT_EQ(cluster_head_count(one), 1);
    EXPECT_EQ(one.size(), state.size() - 20);
    const std::string name = "cluster_head." + std::to_string(head) + ".weight";
    EXPECT_TRUE(find_tensor(one, "cluster_head.0.weight")->equal(*find_tensor(state, name)));
  }
}

TEST(StateParts, EveryTensorIsOfOnePart) {
  for (const StateDict& state : {clusters_state(3, 2), contrastive_state(HeadKind::mlp, 6),
                                 contrastive_state(HeadKind::linear, 6)}) {
    for (const NamedTensor& entry : state) {
      EXPECT_EQ(is_of_backbone(entry) + is_of_projection_head(entry) + is_of_cluster_head(entry), 1)
          << entry.name;
    }
  }
}

TEST(StateParts, ProjectionHeadsAreRecognised) {
  const auto mlp = projection_head(contrastive_state(HeadKind::mlp, 6));
  ASSERT_TRUE(mlp);
  EXPECT_EQ(mlp->kind, HeadKind::mlp);
  EXPECT_EQ(mlp->dimensions, 6);
  const auto linear = projection_head(contrastive_state(HeadKind::linear, 5));
  ASSERT_TRUE(linear);
  EXPECT_EQ(linear->kind, HeadKind::linear);
  EXPECT_EQ(linear->dimensions, 5);
  const StateDict clusters = clusters_state(3, 1);
  EXPECT_FALSE(projection_head(clusters));
  EXPECT_EQ(cluster_head_count(part_of(clusters, is_of_backbone)), 0);
}

}  // namespace
}  // namespace nolabel
