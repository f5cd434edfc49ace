#include "nolabel/neighbors/bank_rows.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "nolabel/group/group_testing.h"
#include "nolabel/neighbors/bank_testing.h"

namespace nolabel {
namespace {

using testing_banks::options_for;
using testing_banks::small_model;
using testing_banks::some_images;

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
  const Dataset images = some_images(20), others = some_images(7);
  for (const Strategy strategy : {Strategy::evaluation, Strategy::simclr}) {
    for (const BankOutput output : {BankOutput::features, BankOutput::embeddings}) {
      BankOptions alone = options_for(strategy);
      alone.output = output;
      Model model = small_model();
      at::set_num_threads(1);
      const at::Tensor rows = extract_views(model, images, alone, 2, {});
      const at::Tensor other_rows = extract_views(model, others, alone, 2, {});
      for (const int processes : {2, 3}) {
        lead_rows(processes, [&](const std::shared_ptr<Group>& group) {
          Model own = small_model();
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
  const Dataset images = some_images(5);
  const BankOptions alone = options_for(Strategy::evaluation);
  lead_rows(2, [&](const std::shared_ptr<Group>& group) {
    Model model = small_model();
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
  const Dataset images = some_images(7);
  Model model = small_model();
  const RowRecipe recipe{.views = options_for(Strategy::simclr).recipe};
  std::vector<RowBatch> batches(4);
  for (int64_t image = 0; image < 7; ++image) batches[image / 2].push_back({image, {.seed = 2}});
  RowMaker plain(model, images, recipe, false), ahead(model, images, recipe, true);
  const at::Tensor rows = plain.rows(batches);
  EXPECT_TRUE(at::equal(rows, ahead.rows(batches)));
  at::Tensor first = ahead.rows({batches[0], batches[1]}, batches[2]);
  EXPECT_TRUE(at::equal(rows, at::cat({first, ahead.rows({batches[2], batches[3]})})));
  // What was begun serves nobody who asks for another batch.
  ahead.rows({batches[0]}, batches[1]);
  EXPECT_TRUE(at::equal(ahead.rows({batches[3]}), rows.narrow(0, 6, 1)));
  EXPECT_EQ(ahead.rows({}).sizes(), at::IntArrayRef({0, model.dimensions()}));
}

// Views of large pictures, so that they take a while.
TEST(RowMaker, MakesTheViewsOfTheNextCallMeanwhile) {
  const std::vector<Image> pictures(2, Image(2000, 2000));
  const Dataset images = make_dataset(pictures, {"a", "b"});
  Model model = small_model();
  RowMaker maker(model, images, {.views = options_for(Strategy::simclr).recipe}, true);
  const std::vector<RowBatch> batches{RowBatch(8, {0, {.seed = 1}}), RowBatch(8, {1, {.seed = 2}})};
  maker.rows({batches[0]}, batches[1]);
  const double first = maker.seconds_waited();
  EXPECT_GT(first, 0);
  std::this_thread::sleep_for(std::chrono::duration<double>(5 * first));
  maker.rows({batches[1]});
  EXPECT_LT(maker.seconds_waited() - first, first / 4);
}

}  // namespace
}  // namespace nolabel
