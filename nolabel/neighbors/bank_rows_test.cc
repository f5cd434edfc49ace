#include "nolabel/neighbors/bank_rows.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>

#include "nolabel/group/group_testing.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/neighbors/feature_bank.h"

namespace nolabel {
namespace {

constexpr int side_of_rows = 8;

Dataset images_of_rows(int count) {
  std::vector<Image> images;
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    Image& image = images.emplace_back(side_of_rows, side_of_rows);
    for (size_t j = 0; j < image.pixels.size(); ++j) {
      image.pixels[j] = static_cast<uint8_t>(i * 41 + static_cast<int>(j * j));
    }
    names.push_back("image" + std::to_string(i));
  }
  return make_dataset(images, names);
}

Model model_of_rows() {
  ModelSettings settings;
  settings.backbone = testing_models::slim_backbone();
  settings.embedding_dimensions = 6;
  Model model(settings, 3);
  model.place(at::kCPU, Precision::fp32);
  return model;
}

BankOptions options_of_rows(Strategy strategy, BankOutput output) {
  BankOptions options;
  options.output = output;
  options.key.seed = 5;
  options.recipe.size = side_of_rows;
  options.recipe.strategy = strategy;
  options.batch_size = 3;
  return options;
}

// A worker that knows of rows alone, until the leader says that this is the end.
void work(Group& group) {
  SharedImages images;
  RowWorker worker(images);
  for (;;) {
    Message message;
    broadcast(group, message);
    if (message.subject == images_subject) images.take(group, message);
    if (message.subject == row_model_subject) worker.take_model(group, message);
    if (message.subject == row_batches_subject) worker.make_rows(group, message);
    if (message.subject == "end") return;
  }
}

// What `lead` does with the group.
void lead_rows(int processes, const std::function<void(const std::shared_ptr<Group>&)>& lead) {
  testing_group::run_as_group(processes, [&](const std::shared_ptr<Group>& group) {
    if (!group->leads()) return work(*group);
    lead(group);
    Message end{.subject = "end"};
    broadcast(*group, end);
  });
}

// Batches are never divided, so that the rows have the same bits however many processes there are.
TEST(DividedRows, AreThoseOfOneProcess) {
  const Dataset images = images_of_rows(20), others = images_of_rows(7);
  for (const Strategy strategy : {Strategy::evaluation, Strategy::simclr}) {
    for (const BankOutput output : {BankOutput::features, BankOutput::embeddings}) {
      const BankOptions alone = options_of_rows(strategy, output);
      Model model = model_of_rows();
      at::set_num_threads(1);
      const at::Tensor rows = extract_views(model, images, alone, 2, {});
      const at::Tensor other_rows = extract_views(model, others, alone, 2, {});
      for (const int processes : {2, 3}) {
        lead_rows(processes, [&](const std::shared_ptr<Group>& group) {
          Model own = model_of_rows();
          BankOptions options = alone;
          options.group = group;
          EXPECT_TRUE(at::equal(extract_views(own, images, options, 2, {}), rows));
          EXPECT_TRUE(at::equal(extract_views(own, others, options, 2, {}), other_rows));
          EXPECT_TRUE(at::equal(extract_views(own, images, options, 2, {}), rows));
        });
      }
    }
  }
}

TEST(DividedRows, AreOfTheWeightsThatTheModelHasNow) {
  const Dataset images = images_of_rows(5);
  const BankOptions alone = options_of_rows(Strategy::evaluation, BankOutput::features);
  lead_rows(2, [&](const std::shared_ptr<Group>& group) {
    Model model = model_of_rows();
    BankOptions options = alone;
    options.group = group;
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(
          at::equal(extract(model, images, options, {}), extract(model, images, alone, {})));
      for (const NamedTensor& entry : model.state_dict()) {
        if (entry.tensor.is_floating_point()) at::Tensor(entry.tensor).mul_(1.5);
      }
      model.refresh_working_weights();
    }
  });
}

TEST(RowMaker, GivesTheSameRowsWithViewsMadeAhead) {
  const Dataset images = images_of_rows(7);
  Model model = model_of_rows();
  const RowRecipe recipe{.views = options_of_rows(Strategy::simclr, BankOutput::features).recipe};
  std::vector<RowBatch> batches(4);
  for (int64_t image = 0; image < 7; ++image) batches[image / 2].push_back({image, {.seed = 2}});
  RowMaker plain(model, images, recipe, false), ahead(model, images, recipe, true);
  EXPECT_TRUE(at::equal(plain.rows(batches), ahead.rows(batches)));
  EXPECT_EQ(ahead.rows({}).sizes(), at::IntArrayRef({0, model.dimensions()}));
}

}  // namespace
}  // namespace nolabel
