#include "nolabel/cluster/information_head.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/neighbors/neighbor_table.h"

namespace nolabel {
namespace {

// Groups of images by turns, each around a point of its own; the next images of its group are the
// neighbors of each image.
struct Groups {
  at::Tensor features;         // [N,D]
  Matrix<int64_t> neighbors;   // [N,1+6]
  std::vector<int64_t> group;  // [N]
};
Groups separated_groups(int64_t images, int64_t groups, int64_t depth) {
  constexpr int64_t columns = 7;
  Groups result{at::empty({images, depth}, at::kFloat), {images, columns}, {}};
  auto value = result.features.accessor<float, 2>();
  Random random(11, Purpose::sample);
  for (int64_t i = 0; i < images; ++i) {
    result.group.push_back(i % groups);
    for (int64_t d = 0; d < depth; ++d) {
      value[i][d] = static_cast<float>(random.normal() + (i % groups == d ? 8 : 0));
    }
    for (int64_t j = 0; j < columns; ++j) {
      result.neighbors.at(i, j) = (i + j * groups) % (images / groups * groups);
    }
  }
  return result;
}

at::Tensor logits_of(const LinearHead& head, const at::Tensor& features) {
  return at::linear(features, head.weight, head.bias);
}

std::vector<int64_t> predicted(const LinearHead& head, const at::Tensor& features) {
  const at::Tensor clusters = logits_of(head, features).argmax(1);
  return {clusters.const_data_ptr<int64_t>(),
          clusters.const_data_ptr<int64_t>() + clusters.numel()};
}

// Images whose cluster is another one.
int64_t differences(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), int64_t{0}, std::plus<>(),
                            std::not_equal_to<>());
}

bool same_bits(const LinearHead& a, const LinearHead& b) {
  return at::equal(a.weight, b.weight) && at::equal(a.bias, b.bias);
}

TEST(InformationHead, WithoutRefinementReproducesTheStartOfSeparableClusters) {
  const Groups groups = separated_groups(600, 4, 6);
  const LinearHead head = fit_information_head(groups.features, groups.neighbors, groups.group,
                                               {.clusters = 4, .epochs = 0}, {});
  EXPECT_EQ(differences(predicted(head, groups.features), groups.group), 0);
}

TEST(InformationHead, RecoversGroupsFromAStartOfWhichSomeIsWrong) {
  const Groups groups = separated_groups(240, 4, 6);
  std::vector<int64_t> start = groups.group;
  for (int64_t i = 0; i < 240; ++i) {
    if (i * 7 % 20 < 3) start[i] = (start[i] + 1 + i % 3) % 4;
  }
  EXPECT_EQ(differences(start, groups.group), 36);  // 15 %
  const LinearHead head =
      fit_information_head(groups.features, groups.neighbors, start,
                           {.clusters = 4, .epochs = information_epochs(240)}, {});
  EXPECT_EQ(differences(predicted(head, groups.features), groups.group), 0);
}

// The start gives a sixth of group 0 to cluster 1, and these images look different. Their
// neighbors are in all of group 0, so that the refinement, and only the refinement, joins them
// again.
TEST(InformationHead, RefinementJoinsAGroupThatTheStartDivides) {
  Groups groups = separated_groups(240, 4, 6);
  std::vector<int64_t> start = groups.group;
  for (int64_t i = 4; i < 240; i += 24) {
    groups.features[i][4] += 8;
    start[i] = 1;
  }
  InformationHeadOptions options{.clusters = 4, .start_steps = 100, .epochs = 0};
  const LinearHead before =
      fit_information_head(groups.features, groups.neighbors, start, options, {});
  EXPECT_GT(differences(predicted(before, groups.features), groups.group), 7);  // of 10
  options.epochs = information_epochs(240);
  const LinearHead after =
      fit_information_head(groups.features, groups.neighbors, start, options, {});
  EXPECT_EQ(differences(predicted(after, groups.features), groups.group), 0);
}

// Components have variance 1, so that the mean and the scale of the features change nothing but the
// numbers of the head.
TEST(InformationHead, DoesNotSeeMeanAndScale) {
  const Groups groups = separated_groups(240, 4, 6);
  const at::Tensor moved = (groups.features + 50) * 1e-3;
  const InformationHeadOptions options{.clusters = 4};
  const LinearHead head =
      fit_information_head(groups.features, groups.neighbors, groups.group, options, {});
  const LinearHead other = fit_information_head(moved, groups.neighbors, groups.group, options, {});
  EXPECT_TRUE(at::allclose(logits_of(head, groups.features), logits_of(other, moved), 1e-2, 1e-2));
  EXPECT_EQ(predicted(other, moved), predicted(head, groups.features));
}

TEST(InformationHead, DoesNotSeeConstantDimensions) {
  const Groups groups = separated_groups(240, 4, 6);
  const at::Tensor constant = at::tensor({0.1, 12345.678, 0.0}).to(at::kFloat).expand({240, 3});
  const at::Tensor more = at::cat({groups.features, constant}, 1);
  const InformationHeadOptions options{.clusters = 4};
  const LinearHead head =
      fit_information_head(groups.features, groups.neighbors, groups.group, options, {});
  const LinearHead other = fit_information_head(more, groups.neighbors, groups.group, options, {});
  EXPECT_TRUE(at::allclose(logits_of(head, groups.features), logits_of(other, more), 1e-4, 1e-4));
  EXPECT_EQ(other.weight.narrow(1, 6, 3).abs().max().item<float>(), 0);
}

TEST(InformationHead, SameSeedSameBits) {
  const Groups groups = separated_groups(450, 3, 5);
  InformationHeadOptions options{.clusters = 3, .seed = 4};
  const auto fit_again = [&] {
    return fit_information_head(groups.features, groups.neighbors, groups.group, options, {});
  };
  const LinearHead head = fit_again();
  EXPECT_TRUE(same_bits(head, fit_again()));
  EXPECT_FALSE(head.weight.requires_grad());
  options.seed = 5;
  EXPECT_FALSE(same_bits(head, fit_again()));
}

// The image itself and places without a neighbor are never drawn.
TEST(InformationHead, PairsImagesWithTheirNeighborsOnly) {
  const Groups groups = separated_groups(90, 3, 5);
  Matrix<int64_t> padded(90, 12);
  for (int64_t i = 0; i < 90; ++i) {
    std::fill_n(padded.row(i), 12, i % 2 == 0 ? i : no_neighbor);
    for (int64_t j = 1; j < 7; ++j) padded.at(i, 2 * j - 1) = groups.neighbors.at(i, j);
  }
  const InformationHeadOptions options{.clusters = 3};
  EXPECT_TRUE(
      same_bits(fit_information_head(groups.features, groups.neighbors, groups.group, options, {}),
                fit_information_head(groups.features, padded, groups.group, options, {})));
}

TEST(InformationHead, TakesImagesWithoutNeighbors) {
  Groups groups = separated_groups(60, 3, 5);
  std::fill_n(groups.neighbors.row(7), groups.neighbors.columns, no_neighbor);
  std::fill_n(groups.neighbors.row(8), groups.neighbors.columns, 8);
  const LinearHead head =
      fit_information_head(groups.features, groups.neighbors, groups.group,
                           {.clusters = 3, .epochs = information_epochs(60)}, {});
  EXPECT_EQ(differences(predicted(head, groups.features), groups.group), 0);
}

TEST(InformationHead, TakesOneImageAndOneCluster) {
  const Groups one = separated_groups(1, 1, 4);
  EXPECT_TRUE(fit_information_head(one.features, one.neighbors, {2}, {.clusters = 3}, {})
                  .weight.isfinite()
                  .all()
                  .item<bool>());
  const Groups groups = separated_groups(30, 3, 4);
  const LinearHead head = fit_information_head(groups.features, groups.neighbors,
                                               std::vector<int64_t>(30, 0), {.clusters = 1}, {});
  EXPECT_TRUE(logits_of(head, groups.features).isfinite().all().item<bool>());
}

TEST(InformationHead, StopsOnRequest) {
  const Groups groups = separated_groups(30, 3, 4);
  Observer observer;
  observer.cancel.request();
  EXPECT_THROW(fit_information_head(groups.features, groups.neighbors, groups.group,
                                    {.clusters = 3}, observer),
               Error);
}

TEST(InformationEpochs, AreMoreForFewImages) {
  EXPECT_EQ(information_epochs(1), 1000);
  EXPECT_EQ(information_epochs(1500), 50);
  EXPECT_EQ(information_epochs(5000), 15);
  EXPECT_EQ(information_epochs(20'000), 15);
  EXPECT_EQ(information_epochs(20'001), 8);
}

}  // namespace
}  // namespace nolabel
