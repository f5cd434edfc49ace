#include "nolabel/neighbors/feature_bank.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstring>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/peak_memory_testing.h"
#include "nolabel/data/mapped_images_testing.h"
#include "nolabel/neighbors/bank_testing.h"

namespace nolabel {
namespace {

using testing_banks::options_for;
using testing_banks::small_model;
using testing_banks::some_images;

constexpr int kSide = testing_banks::side;

// One image at a time through view and model.
at::Tensor features_one_by_one(Model& model, const Dataset& dataset, const BankOptions& options,
                               uint32_t epoch) {
  const c10::NoGradGuard no_gradient;
  std::vector<at::Tensor> rows;
  for (uint32_t i = 0; i < dataset.size(); ++i) {
    at::Tensor view = at::empty({1, kSide, kSide, 3}, at::kFloat);
    const RowKey pixels = dataset.pixel_key(i);
    uint32_t position = 0;
    std::memcpy(&position, pixels.data(), sizeof position);
    const ViewKey key{options.key.seed, options.key.stage, epoch, position, options.key.role};
    const DatasetImage image = dataset.image(i);
    make_view(image.view(), key, options.recipe, view.mutable_data_ptr<float>());
    rows.push_back(model.features(view.permute({0, 3, 1, 2}), ForwardMode::evaluate));
  }
  return at::cat(rows);
}

TEST(FeatureBank, HoldsEachImagesFeaturesInOrder) {
  Model model = small_model();
  const Dataset dataset = some_images(7);
  const BankOptions options = options_for(Strategy::evaluation);
  const at::Tensor bank = extract(model, dataset, options, {});
  EXPECT_EQ(bank.sizes(), at::IntArrayRef({7, 64}));
  EXPECT_EQ(bank.scalar_type(), at::kFloat);
  EXPECT_FALSE(bank.requires_grad());
  EXPECT_TRUE(at::allclose(bank, features_one_by_one(model, dataset, options, 0), 1e-4, 1e-5));
}

TEST(FeatureBank, SaysWhatItComputedAndHowLongThatTook) {
  Model model = small_model();
  const Dataset dataset = some_images(7);
  BankOptions options = options_for(Strategy::evaluation);
  EmbeddingWork work;
  options.work = &work;
  extract(model, dataset, options, {});
  EXPECT_EQ(work.rows, 7);
  EXPECT_GT(work.seconds_waited, 0);  // on a CPU, the views are made between the passes
  EXPECT_LT(work.seconds_waited, work.seconds);
  std::vector<float> row(64);
  options.earlier = [&row](const RowKey&) { return row.data(); };
  extract(model, dataset, options, {});
  EXPECT_EQ(work.rows, 7);  // nothing more
}

TEST(FeatureBank, HoldsEmbeddingsOfUnitLength) {
  Model model = small_model();
  const Dataset dataset = some_images(5);
  BankOptions options = options_for(Strategy::evaluation);
  const at::Tensor features = extract(model, dataset, options, {});
  options.output = BankOutput::embeddings;
  const at::Tensor bank = extract(model, dataset, options, {});
  EXPECT_TRUE(at::allclose(bank, model.embeddings(features), 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(bank.norm(2, {1}), at::ones({5})));
}

TEST(FeatureBank, DrawsOneViewPerEpoch) {
  Model model = small_model();
  const Dataset dataset = some_images(4);
  BankOptions options = options_for(Strategy::simclr);
  options.key = {.seed = 5, .stage = 2, .epoch = 3, .role = 1};
  const at::Tensor bank = extract_views(model, dataset, options, 2, {});
  for (int v = 0; v < 2; ++v) {
    EXPECT_TRUE(
        at::allclose(bank[v], features_one_by_one(model, dataset, options, 3 + v), 1e-4, 1e-5));
  }
  EXPECT_FALSE(at::allclose(bank[0], bank[1], 1e-3, 1e-3));
}

TEST(FeatureBank, ReportsProgressAndStopsOnRequest) {
  Model model = small_model();
  const Dataset dataset = some_images(7);
  Observer observer;
  std::vector<int64_t> done;
  std::string last;
  observer.progress = [&](const Progress& progress) {
    done.push_back(progress.done);
    last = progress.stage + ", " + progress.unit;
  };
  extract(model, dataset, options_for(Strategy::evaluation), observer);
  EXPECT_EQ(done, (std::vector<int64_t>{3, 6, 7}));
  EXPECT_EQ(last, "embedding the images, images");
  BankOptions drawn = options_for(Strategy::simclr);
  drawn.purpose = "embedding two views of each";
  extract_views(model, dataset, drawn, 2, observer);
  EXPECT_EQ(done.back(), 14);
  EXPECT_EQ(last, "embedding two views of each, views");
  observer.cancel.request();
  EXPECT_THROW(extract(model, dataset, options_for(Strategy::evaluation), observer), Error);
}

// A time limit or Ctrl-C after every block, until the work gets through: the rows are those of an
// uninterrupted call, bit for bit, and each process does a part of it.
TEST(ExtractViews, GoesOnFromWhatAStopLeft) {
  const Dataset dataset = some_images(11);
  Model model = small_model();
  BankOptions options = options_for(Strategy::simclr);
  const at::Tensor whole = extract_views(model, dataset, options, 2, {});
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) /
                                     ("feature_bank_test_" + std::to_string(::getpid()) + ".begun");
  int64_t least_done = 0;
  int tries = 0;
  for (at::Tensor bank; !bank.defined(); ++tries) {
    ASSERT_LT(tries, 10);
    Observer observer;
    observer.progress = [&](const Progress& progress) {
      EXPECT_GT(progress.done, least_done);
      least_done = progress.done;
      observer.cancel.request();
    };
    RowFile begun(file, "key");
    try {
      bank = extract_views(model, dataset, options, 2, observer, &begun);
      EXPECT_TRUE(bank.equal(whole));
    } catch (const Error& error) {
      ASSERT_EQ(error.fault(), Fault::stopped);
    }
  }
  EXPECT_EQ(tries, 8);  // batches of 3, 3, 3 and 2 images in each of both views
  std::filesystem::remove(file);
}

// What was computed for some images serves others with the same pixels, in any order and under any
// name, and each is computed once.
TEST(ExtractViews, ComputesWhatIsNotKnown) {
  const TemporaryDirectory folder;
  Model model = small_model();
  BankOptions options = options_for(Strategy::simclr);
  const Dataset all = some_images(11);
  const at::Tensor whole = extract_views(model, all, options, 2, {});
  EXPECT_EQ(rows_to_compute(all, options, 2), 22);  // nothing is known
  int64_t computed = 0;
  const auto extracted = [&](const Dataset& images) {
    KeyedRows known(folder.path() / "rows", "the model", 64);
    options.known = &known;
    Observer observer;
    int64_t first = -1, last = 0;
    observer.progress = [&](const Progress& progress) {
      if (first < 0) first = progress.done;
      last = progress.done;
    };
    const int64_t before = known.size(), expected = rows_to_compute(images, options, 2);
    at::Tensor bank = extract_views(model, images, options, 2, observer);
    computed = known.size() - before;
    EXPECT_EQ(computed, expected);
    EXPECT_EQ(last, first < 0 ? 0 : 2 * images.size());
    return bank;
  };
  const auto expect_rows = [&](const at::Tensor& bank, const std::vector<int64_t>& images) {
    const at::Tensor rows = whole.index_select(1, at::tensor(images, at::kLong));
    EXPECT_TRUE(at::allclose(bank, rows, 1e-4, 1e-5));
  };
  const std::vector<int64_t> some{7, 2, 2, 9}, more{9, 0, 7, 10, 2};
  expect_rows(extracted(all.subset(some)), some);
  EXPECT_EQ(computed, 2 * 3);  // image 2 is there twice
  expect_rows(extracted(all.subset(more)), more);
  EXPECT_EQ(computed, 2 * 2);
  expect_rows(extracted(all.subset(more)), more);
  EXPECT_EQ(computed, 0);
}

// Rows of earlier work are taken as they are, whatever a stop has left of the others.
TEST(ExtractViews, ComputesWhatEarlierWorkDoesNotHave) {
  const TemporaryDirectory folder;
  Model model = small_model();
  const Dataset all = some_images(11);
  BankOptions options = options_for(Strategy::simclr);
  std::vector<RowKey> keys;
  options.keys = &keys;
  const at::Tensor whole = extract_views(model, all, options, 2, {});
  ASSERT_EQ(keys.size(), 22u);
  std::map<RowKey, std::vector<float>> held;  // of images 0 to 3, changed so that one sees it
  for (const int64_t row : {0, 1, 2, 3, 11, 12, 13, 14}) {
    held[keys[row]] = std::vector<float>(64, static_cast<float>(100 + row));
  }
  options.keys = nullptr;
  options.earlier = [&held](const RowKey& key) {
    const auto found = held.find(key);
    return found == held.end() ? nullptr : found->second.data();
  };
  int64_t tries = 0, first = -1;
  for (at::Tensor bank; !bank.defined(); ++tries) {
    ASSERT_LT(tries, 10);
    Observer observer;
    observer.progress = [&](const Progress& progress) {
      if (first < 0) first = progress.done;
      observer.cancel.request();
    };
    RowFile begun(folder.path() / "begun", "key");
    try {
      bank = extract_views(model, all, options, 2, observer, &begun);
      for (int64_t v = 0; v < 2; ++v) {
        for (int64_t i = 0; i < 11; ++i) {
          const at::Tensor expected =
              i < 4 ? at::full({64}, 100.0 + static_cast<double>(v * 11 + i)) : whole[v][i];
          EXPECT_TRUE(at::allclose(bank[v][i], expected, 1e-4, 1e-5)) << v << ' ' << i;
        }
      }
    } catch (const Error& error) {
      ASSERT_EQ(error.fault(), Fault::stopped);
    }
  }
  EXPECT_EQ(first, 8 + 3);  // a batch after those that are there
  EXPECT_EQ(tries, 5);      // 14 rows in batches of 3
}

TEST(ExtractViews, KeepsWhatWasKnownWhenItIsStopped) {
  const TemporaryDirectory folder;
  Model model = small_model();
  const Dataset all = some_images(11);
  BankOptions options = options_for(Strategy::evaluation);
  KeyedRows known(folder.path() / "rows", "the model", 64);
  options.known = &known;
  Observer observer;
  observer.progress = [&](const Progress&) { observer.cancel.request(); };
  EXPECT_THROW(extract(model, all, options, observer), Error);
  EXPECT_EQ(KeyedRows(folder.path() / "rows", "the model", 64).size(), 3);  // a batch
}

// A time limit that has passed before the work begins does not keep it from getting on.
TEST(Extract, WorksForAWhileDespiteATimeLimit) {
  const Dataset dataset = some_images(11);
  Model model = small_model();
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) /
                                     ("feature_bank_test_" + std::to_string(::getpid()) + ".begun");
  const Observer observer;
  observer.cancel.time_out(std::chrono::seconds(1));
  const BankOptions options = options_for(Strategy::evaluation);
  at::Tensor bank;
  for (int tries = 0; !bank.defined(); ++tries) {  // a busy machine may need several
    ASSERT_LT(tries, 4);                           // batches of 3, 3, 3 and 2 images
    RowFile begun(file, "key");
    try {
      bank = extract(model, dataset, options, observer, &begun);
    } catch (const Error& error) {
      ASSERT_EQ(error.fault(), Fault::stopped);
    }
  }
  EXPECT_TRUE(bank.equal(extract(model, dataset, options, {})));
  EXPECT_THROW(extract(model, dataset, options, observer), Error);
  std::filesystem::remove(file);
}

// Both passes: for the keys of the images, and for their views.
TEST(FeatureBank, EmbeddedImagesLeaveTheMemory) {
  const TemporaryDirectory folder;
  const Dataset images = mapped_images(folder.path() / "images", 50, 2048);  // 630 MB
  Model model = small_model();
  BankOptions options = options_for(Strategy::evaluation);
  std::vector<RowKey> keys;
  options.keys = &keys;
  const double before = peak_mb(true);
  extract(model, images, options, {});
  EXPECT_LT(peak_mb(false) - before, 400);
  EXPECT_EQ(keys.size(), 50);
}

TEST(FeatureBank, BatchesOfLargeViewsAreSmallOnACpu) {
  ViewRecipe recipe;
  const auto images = [&](int size, at::Device device) {
    recipe.size = size;
    return bank_batch_size(recipe, device);
  };
  EXPECT_EQ(images(32, at::kCPU), 256);
  EXPECT_EQ(images(224, at::kCPU), 20);
  EXPECT_EQ(images(2000, at::kCPU), 1);
  EXPECT_EQ(images(224, at::kCUDA), 256);
}

}  // namespace
}  // namespace nolabel
