#include "nolabel/pipeline/group_worker.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "nolabel/cluster/scan_task.h"
#include "nolabel/group/group_testing.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/pretext/simclr_task.h"
#include "nolabel/selflabel/selflabel_task.h"
#include "nolabel/train/loop.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing_group::run_as_group;

// Views and batches of such sizes that batch norm has some values for each channel in the last
// layers, too: with two or three, rounding grows a hundredfold in each step.
constexpr int images_trained = 18, side_trained = 24;

Dataset trained_images() {
  std::vector<Image> images;
  std::vector<std::string> names;
  for (int i = 0; i < images_trained; ++i) {
    Image& image = images.emplace_back(side_trained, side_trained);
    for (size_t j = 0; j < image.pixels.size(); ++j) {
      image.pixels[j] = static_cast<uint8_t>(i * 29 + static_cast<int>(j * j * (i + 1)));
    }
    names.push_back("image" + std::to_string(i));
  }
  return make_dataset(images, names);
}

std::unique_ptr<InputSource> views(const Dataset& images, Strategy strategy, StageNumber stage) {
  ViewRecipe recipe{.strategy = strategy, .size = side_trained};
  recipe.cutout.length = 8;
  return std::make_unique<ImageViews>(images, recipe, 4, stage, 1);
}

Matrix<int64_t> some_neighbors() {
  Matrix<int64_t> table(images_trained, 4);
  for (int64_t i = 0; i < images_trained; ++i) {
    for (int64_t k = 0; k < 4; ++k) table.at(i, k) = (i + k * k) % images_trained;
  }
  return table;
}

using MakeTask = std::function<std::unique_ptr<Task>(const fs::path& directory)>;

// The weights after three epochs, in float64. `group`: whose processes train.
StateDict trained(const MakeTask& make_task, const ModelSettings& network,
                  const std::shared_ptr<Group>& group, int micro_batch_size) {
  const TemporaryDirectory folder;
  Model model(network, 2);
  model.place(at::kCPU, Precision::fp64);
  TrainSettings settings;
  settings.epochs = 3;
  settings.batch_size = 8;
  settings.micro_batch_size = micro_batch_size;
  settings.optimizer.learning_rate = 1e-3;
  settings.use_ema = true;
  settings.ema_alpha = 0.5;
  settings.seed = 9;
  const std::unique_ptr<Task> task = make_task(folder.path());
  // The first process is stopped by a limit in the middle, and the next one resumes.
  Observer observer;
  int steps = 0;
  observer.progress = [&](const Progress&) {
    if (++steps == 3) observer.cancel.request();
  };
  try {
    train(*task, model, settings, folder.path(), observer, group);
    ADD_FAILURE() << "nothing has stopped the training";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::stopped) << error.what();
  }
  Model resumed(network, 2);
  resumed.place(at::kCPU, Precision::fp64);
  const std::unique_ptr<Task> again = make_task(folder.path());
  train(*again, resumed, settings, folder.path(), {}, group);
  StateDict state;
  for (const NamedTensor& entry : resumed.state_dict()) {
    state.push_back({entry.name, entry.tensor.clone()});
  }
  return state;
}

void expect_a_group_trains_as_one_process(const MakeTask& make_task, const ModelSettings& network) {
  at::set_num_threads(1);
  for (const int passes : {0, 4}) {
    SCOPED_TRACE(passes);
    const StateDict alone = trained(make_task, network, single_process(), passes);
    run_as_group(2, [&](const std::shared_ptr<Group>& group) {
      if (!group->leads()) return work_for_group(group, 1);
      const StateDict together = trained(make_task, network, group, passes);
      for (size_t i = 0; i < alone.size(); ++i) {
        EXPECT_TRUE(at::allclose(together[i].tensor.to(at::kDouble),
                                 alone[i].tensor.to(at::kDouble), 1e-8, 1e-9))
            << alone[i].name << ": "
            << (together[i].tensor - alone[i].tensor).abs().max().item<double>();
      }
      end_work_of_group(*group);
    });
  }
}

ModelSettings clustering_network() {
  return {.kind = ModelSettings::Kind::clustering,
          .backbone = testing_models::slim_backbone(),
          .clusters = 3,
          .heads = 2};
}

// The loop, a stop and a resume, EMA, views of images that the workers got from the leader.
TEST(GroupWorker, TrainsSimclr) {
  const Dataset images = trained_images();
  expect_a_group_trains_as_one_process(
      [&](const fs::path&) {
        return std::make_unique<SimclrTask>(SimclrSettings{},
                                            views(images, Strategy::simclr, StageNumber::simclr),
                                            SimclrTask::Monitor());
      },
      {.backbone = testing_models::slim_backbone(), .embedding_dimensions = 6});
}

TEST(GroupWorker, TrainsScan) {
  const Dataset images = trained_images();
  const at::Tensor prior = at::tensor({0.5, 0.3, 0.2, 0.2, 0.2, 0.6}).view({2, 3}).to(at::kFloat);
  const FeatureShift shift{
      .mean = at::full({testing_models::slim_backbone().dimensions()}, 0.1, at::kDouble),
      .scale = 1.5};
  for (const bool with_all : {false, true}) {
    expect_a_group_trains_as_one_process(
        [&](const fs::path& directory) {
          return std::make_unique<ScanTask>(
              ScanSettings{.neighbors = 3}, views(images, Strategy::ours, StageNumber::scan),
              some_neighbors(),
              ScanTask::Validation{.features =
                                       [](Model& model) {
                                         return at::ones({images_trained, model.dimensions()});
                                       },
                                   .neighbors = some_neighbors()},
              directory / "model.pth.tar", 7, with_all ? std::optional(shift) : std::nullopt,
              with_all ? prior : at::Tensor());
        },
        clustering_network());
  }
}

TEST(GroupWorker, TrainsSelflabel) {
  const Dataset images = trained_images();
  ModelSettings network = clustering_network();
  network.heads = 1;
  expect_a_group_trains_as_one_process(
      [&](const fs::path& directory) {
        return std::make_unique<SelflabelTask>(
            SelflabelSettings{.confidence_threshold = 0.3},
            views(images, Strategy::evaluation, StageNumber::features),
            views(images, Strategy::ours, StageNumber::selflabel), directory / "model.pth.tar");
      },
      network);
}

// With statistics of its own, each process trains on what it has: another result, and each time the
// same.
TEST(GroupWorker, TrainsWithBatchNormOfEachProcess) {
  const Dataset images = trained_images();
  const ModelSettings network{.backbone = testing_models::slim_backbone(),
                              .embedding_dimensions = 6};
  const auto weights_of = [&](const std::shared_ptr<Group>& group, bool sync) {
    const TemporaryDirectory folder;
    Model model(network, 2);
    model.place(at::kCPU, Precision::fp64);
    TrainSettings settings;
    settings.batch_size = 8;
    settings.optimizer.learning_rate = 1e-3;
    settings.sync_batch_norm = sync;
    SimclrTask task({}, views(images, Strategy::simclr, StageNumber::simclr), {});
    train(task, model, settings, folder.path(), {}, group);
    return model.state_dict()[0].tensor.clone();
  };
  at::set_num_threads(1);
  const at::Tensor alone = weights_of(single_process(), false);
  EXPECT_TRUE(at::equal(alone, weights_of(single_process(), true)));
  run_as_group(2, [&](const std::shared_ptr<Group>& group) {
    if (!group->leads()) return work_for_group(group, 1);
    const at::Tensor apart = weights_of(group, false);
    EXPECT_TRUE(apart.isfinite().all().item<bool>());
    EXPECT_GT((apart - alone).abs().max().item<double>(), 1e-6);
    EXPECT_TRUE(at::equal(apart, weights_of(group, false)));
    end_work_of_group(*group);
  });
}

// Cached features are divided, too, where somebody asks for it.
TEST(GroupWorker, TrainsHeadsOnFeatures) {
  const int width = testing_models::slim_backbone().dimensions();
  const at::Tensor features =
      at::arange(2 * images_trained * width, at::kDouble).sin().view({2, images_trained, width});
  expect_a_group_trains_as_one_process(
      [&](const fs::path& directory) {
        return std::make_unique<ScanTask>(
            ScanSettings{.neighbors = 3, .head_only = true},
            std::make_unique<CachedFeatures>(features, 3, StageNumber::scan), some_neighbors(),
            ScanTask::Validation{.features = [&](Model&) { return features[0].to(at::kFloat); },
                                 .neighbors = some_neighbors()},
            directory / "model.pth.tar", 7);
      },
      clustering_network());
}

TEST(GroupWorker, IsRefusedWhereItWasStartedDifferently) {
  run_as_group(3, [](const std::shared_ptr<Group>& group) {
    const char* command = group->rank() == 2 ? "scan --epochs 2" : "scan --epochs 1";
    try {
      require_agreement(*group, {{"version", "1"}, {"command", command}});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      EXPECT_THAT(error.what(), testing::HasSubstr("Process 2 has command scan --epochs 2, "));
    }
    group->leave();
  });
}

}  // namespace
}  // namespace nolabel
