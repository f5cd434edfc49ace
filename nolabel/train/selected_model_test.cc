#include "nolabel/train/selected_model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "nolabel/model/model_testing.h"
#include "nolabel/model/state_parts.h"
#include "nolabel/weights/weights_in.h"

namespace nolabel {
namespace {

class SelectedModelTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file); }

  // Every weight and every buffer becomes `value`.
  void fill_with(double value) {
    const c10::NoGradGuard no_grad;
    for (const NamedTensor& entry : model.state_dict()) entry.tensor.fill_(value);
  }
  // The values of the saved heads, and those of everything else.
  std::pair<double, double> saved_values() {
    selected.save([](const StateDict& state) { return to_value(state); });
    double heads = 0, others = 0;
    for (const NamedTensor& entry : weights_in(read_weights_file(file), "test")) {
      (is_of_cluster_head(entry) ? heads : others) = entry.tensor.max().item().to<double>();
    }
    return {heads, others};
  }

  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) /
                                     ("selected_" + std::to_string(getpid()) + ".pth.tar");
  Model model{{.kind = ModelSettings::Kind::clustering,
               .backbone = testing_models::slim_backbone(),
               .clusters = 3,
               .heads = 2},
              1};
  SelectedModel selected{file};
};

using Values = std::pair<double, double>;

TEST_F(SelectedModelTest, KeepsACopyOfWhatWasSelected) {
  fill_with(1);
  selected.select(model.state_dict(), /*only_heads=*/false);
  fill_with(2);
  EXPECT_EQ(saved_values(), Values(1, 1));
  selected.select(model.state_dict(), /*only_heads=*/false);
  EXPECT_EQ(saved_values(), Values(2, 2));
}

TEST_F(SelectedModelTest, CopiesEverythingOnceAndThenOnlyHeadsWhereOnlyTheyChange) {
  fill_with(1);
  selected.select(model.state_dict(), /*only_heads=*/true);
  fill_with(2);
  EXPECT_EQ(saved_values(), Values(1, 1));
  selected.select(model.state_dict(), /*only_heads=*/true);
  EXPECT_EQ(saved_values(), Values(2, 1));
}

TEST_F(SelectedModelTest, WritesNothingThatTheFileHasAlready) {
  selected.select(model.state_dict(), /*only_heads=*/true);
  saved_values();
  std::filesystem::remove(file);
  selected.save([](const StateDict& state) { return to_value(state); });
  EXPECT_FALSE(selected.exists());
}

}  // namespace
}  // namespace nolabel
