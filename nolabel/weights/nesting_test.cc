#include "nolabel/weights/nesting.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nolabel/weights/names_testing.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;

const std::vector<std::string> names = {"conv1.weight", "bn1.weight", "layer1.0.conv1.weight",
                                        "layer2.0.conv1.weight"};

// All that the network has, in its own order.
const std::vector<std::string> network = {"conv1.weight",
                                          "bn1.weight",
                                          "bn1.bias",
                                          "layer1.0.conv1.weight",
                                          "layer2.0.conv1.weight",
                                          "layer2.0.downsample.0.weight"};
// The same as an nn.Sequential over its parts numbers them; ReLU and pooling have no tensors.
const std::vector<std::string> numbered = {"0.weight",         "1.weight",
                                           "1.bias",           "4.0.conv1.weight",
                                           "5.0.conv1.weight", "5.0.downsample.0.weight"};

// Tensors [1] that hold their position in the file.
StateDict& add(StateDict& state, const std::string& prefix,
               const std::vector<std::string>& tensors) {
  for (const std::string& name : tensors) {
    state.push_back({prefix + name, at::full({1}, static_cast<double>(state.size()))});
  }
  return state;
}

StateDict file(const std::string& prefix, const std::vector<std::string>& tensors) {
  StateDict state;
  add(state, "other.", {"weight", "0.bias"});
  add(state, prefix, tensors);
  return add(state, "head.", {"0.weight", "1.weight"});
}

class Nesting : public testing::TestWithParam<const char*> {};

TEST_P(Nesting, IsFoundByTheNamesOfTheNetwork) {
  const std::string prefix = GetParam();
  const auto found = find_network(without_wrappers(file(prefix, network)), names);
  ASSERT_TRUE(found);
  EXPECT_THAT(names_of(found->state), IsSupersetOf(network));
  if (!found->prefix.empty()) {  // at the top the network has neighbours
    EXPECT_EQ(names_of(found->state), network);
    EXPECT_EQ(found->state[0].tensor.item<int>(), 2);  // behind "other."
  }
  EXPECT_THAT(found->others, ElementsAre());
  EXPECT_EQ(choice_note(*found), "");
}

TEST_P(Nesting, IsFoundWhereASequentialNumbersTheParts) {
  const std::string prefix = GetParam();
  const auto found = find_network(without_wrappers(file(prefix, numbered)), names);
  ASSERT_TRUE(found);
  EXPECT_EQ(names_of(found->state), network);
}

INSTANTIATE_TEST_SUITE_P(Prefixes, Nesting,
                         testing::Values("", "_orig_mod.", "module.", "backbone.", "backbone.0.",
                                         "encoder.", "encoder.module.", "module.encoder.",
                                         "_orig_mod.module.backbone.", "encoder_q.", "model.",
                                         "net.", "student.", "teacher.", "momentum_encoder.",
                                         "base_encoder.", "module.base_encoder._orig_mod.",
                                         "online_encoder.net.", "resnet.", "trunk.", "features.",
                                         "model.teacher.module.backbone.0.",
                                         "a.0.b.1._orig_mod.c."));

TEST(FindNetwork, WrappersInTheMiddleOfNamesAreDropped) {
  StateDict state;
  add(state, "net.",
      {"conv1.weight", "bn1._orig_mod.weight", "layer1._orig_mod.0.conv1.weight",
       "layer2.module.0._checkpoint_wrapped_module.conv1.weight"});
  const auto found = find_network(without_wrappers(state), names);
  ASSERT_TRUE(found);
  EXPECT_THAT(
      names_of(found->state),
      ElementsAre("conv1.weight", "bn1.weight", "layer1.0.conv1.weight", "layer2.0.conv1.weight"));
}

TEST(FindNetwork, ANameThatWouldStandTwiceKeepsItsWrapper) {
  StateDict state;
  add(state, "", {"module.weight", "weight", "module.bias"});
  EXPECT_THAT(names_of(without_wrappers(state)), ElementsAre("module.weight", "weight", "bias"));
}

TEST(NumberedNetwork, AListOfHeadsIsNoNumberedNetwork) {
  StateDict state;
  for (int head = 0; head < 10; ++head)
    add(state, "head." + std::to_string(head) + ".", {"weight"});
  const std::vector<std::string> flat = {"conv_stem.weight", "bn1.weight", "blocks.0.0.conv.weight",
                                         "conv_head.weight", "bn2.weight"};
  EXPECT_FALSE(find_network(state, flat));
}

struct Choice {
  const char *first, *second, *right;
};

class TwoNetworks : public testing::TestWithParam<Choice> {};

TEST_P(TwoNetworks, TheRightOneIsTakenAndTheChoiceIsTold) {
  const auto& [first, second, right] = GetParam();
  StateDict state;
  add(state, first, network);
  add(state, second, network);
  const auto found = find_network(state, names);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->prefix, right);
  EXPECT_EQ(found->others.size(), 1u);
  EXPECT_EQ(found->state[0].tensor.item<int64_t>(),
            found->prefix == first ? 0 : static_cast<int64_t>(network.size()));
  const std::string place(found->prefix.substr(0, found->prefix.size() - 1));
  EXPECT_THAT(choice_note(*found), HasSubstr("nolabel takes " + place));
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, TwoNetworks,
    testing::Values(Choice{"student.backbone.", "teacher.backbone.", "teacher.backbone."},
                    Choice{"student_backbone.", "teacher_backbone.", "teacher_backbone."},
                    Choice{"encoder_k.", "encoder_q.", "encoder_q."},
                    Choice{"momentum_encoder.", "base_encoder.", "base_encoder."},
                    Choice{"target_network.", "online_network.", "online_network."},
                    Choice{"model.", "model_ema.", "model."},
                    Choice{"backbone.", "backbone_momentum.", "backbone."},
                    Choice{"a.", "b.", "a."}));

TEST(FindNetwork, AnotherNetworkIsNone) {
  EXPECT_FALSE(find_network(file("", {"fc.weight", "fc.bias", "conv1.weight"}), names));
  EXPECT_FALSE(find_network({}, names));
  StateDict blocks;  // parts of it alone: conv1 stands in every block
  add(blocks, "stage1.0.", {"conv1.weight"});
  EXPECT_FALSE(find_network(blocks, names));
}

TEST(SomeNames, AreFew) {
  EXPECT_EQ(some_names(file("", {})), "other.weight, other.0.bias, head.0.weight, head.1.weight");
  StateDict many;
  for (int i = 0; i < 40; ++i) many.push_back({std::string("n").append(std::to_string(i)), {}});
  EXPECT_EQ(some_names(many), "n0, n1, n2, n3, n4, n5 and 34 more");
}

}  // namespace
}  // namespace nolabel
