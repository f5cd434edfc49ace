#include <ATen/Parallel.h>

#include <thread>

#include "nolabel/base/file.h"
#include "nolabel/facade/test_run.h"
#include "nolabel/image/encode.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/pipeline/cluster_call.h"
#include "nolabel/pipeline/predict.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

bool operator==(const ClusterChoice& a, const ClusterChoice& b) {
  return a.cluster == b.cluster && a.confidence == b.confidence && a.runner_up == b.runner_up &&
         a.runner_up_confidence == b.runner_up_confidence;
}

namespace {

// Sizes on both sides of what the model sees.
Image picture(int label, int number) {
  return colored_picture(24 + 4 * number, 60, label, number);
}

// Pictures of three colors, clustered on a backbone with random weights, in few epochs.
class PredictorTest : public RunTest {
 protected:
  static constexpr int per_class = 8;

  void SetUp() override {
    RunTest::SetUp();
    write_pictures(per_class, picture);
    for (int label = 0; label < classes; ++label) {
      for (int i = 0; i < per_class; ++i) pictures.push_back(picture(label, i));
    }
    for (const Image& image : pictures) views.push_back(image.view());

    const Model model({.backbone = testing_models::slim_backbone()}, 1);
    write_safetensors(root / "backbone.safetensors", model.state_dict(), {{"image_size", "32"}});
    SettingTables tables;
    ClusterRequest request;
    declare(tables, request);
    request.run.data = {(root / "pictures").string()};
    request.run.out = (root / "run").string();
    request.run.compute = {.device = "cpu", .precision = "fp32", .threads = 1};
    request.clusters = classes;
    request.subject.backbone = (root / "backbone.safetensors").string();
    request.adjust = [](ClusterSettings& settings) {
      settings.scan.train.epochs = settings.selflabel.train.epochs = 3;
    };
    cluster(tables, request, {});
  }
  Predictor predictor() const {
    return Predictor(root / "run", {.device = "cpu", .precision = "fp32", .threads = 1});
  }

  std::vector<Image> pictures;  // in the order of the data set
  std::vector<ImageView> views;
};

TEST_F(PredictorTest, PixelsGetWhatTheirFilesGet) {
  const Environment environment;
  TrainedModel trained = load_trained_model(root / "run", "final", 0, environment);
  PredictSettings strict;
  strict.strict = true;
  const Prediction of_files = predict(trained, {root / "pictures"}, strict, environment);
  const std::vector<ClusterChoice> choices = predictor().predict(views);
  ASSERT_EQ(choices.size(), of_files.assignments.size());
  for (size_t i = 0; i < choices.size(); ++i) {
    const Assignment& expected = of_files.assignments[i];
    EXPECT_EQ(choices[i], (ClusterChoice{expected.cluster, expected.confidence, expected.runner_up,
                                         expected.runner_up_confidence}));
  }
}

TEST_F(PredictorTest, ManyThreadsGetWhatOneGets) {
  const Predictor predictor = this->predictor();
  std::vector<ClusterChoice> alone;
  for (const ImageView view : views) alone.push_back(predictor.predict(view));

  constexpr size_t thread_count = 4;
  std::vector<std::vector<ClusterChoice>> together(thread_count);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < thread_count; ++t) {
    threads.emplace_back([&, t] {
      for (const ImageView view : views) together[t].push_back(predictor.predict(view));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& choices : together) EXPECT_EQ(choices, alone);
}

TEST_F(PredictorTest, LeavesTheCallersThreadCountAndRefusesNothingButMistakes) {
  at::set_num_threads(3);
  const Predictor predictor = this->predictor();
  EXPECT_EQ(predictor.clusters(), classes);
  EXPECT_EQ(predictor.image_size(), 32);
  predictor.predict(views[0]);
  EXPECT_EQ(at::get_num_threads(), 3);
  EXPECT_TRUE(predictor.predict(std::span<const ImageView>()).empty());

  const uint8_t pixel[3] = {};
  EXPECT_EQ(fault_of([&] { predictor.predict({nullptr, 4, 4}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { predictor.predict({pixel, 0, 4}); }), Fault::usage);
  EXPECT_EQ(fault_of([&] { Predictor missing(root / "nowhere"); }), Fault::usage);
}

}  // namespace
}  // namespace nolabel
