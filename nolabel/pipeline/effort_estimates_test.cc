#include "nolabel/pipeline/effort_estimates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/file.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/pipeline/averaged_features.h"
#include "nolabel/pipeline/subject.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Small images, and a backbone whose file is gone when the estimate begins.
class EffortEstimates : public testing::Test {
 protected:
  EffortEstimates() {
    environment.cache_directory = folder.path() / "cache";
    environment.feature_cache_mb = 100;
    fs::create_directories(environment.cache_directory);
    const fs::path file = folder.path() / "net.safetensors";
    const BackboneDescription network = testing_models::slim_backbone();
    write_safetensors(file, Model({.backbone = network}, 0).state_dict(),
                      backbone_statements(network, preprocessing(network), labels_none));
    wanted.backbone = file.string();
    found = find_backbone(wanted, load_backbone(file.string()), {}, {.offline = true}, {});
  }
  // Each of other pixels.
  static Dataset pictures(int first, int count) {
    std::vector<Image> images;
    std::vector<std::string> names;
    for (int i = first; i < first + count; ++i) {
      Image& image = images.emplace_back(37, 37);
      for (size_t k = 0; k < image.pixels.size(); ++k) {
        image.pixels[k] = static_cast<uint8_t>(i * 37 + static_cast<int>(k * k % 251));
      }
      names.push_back(std::to_string(i));
    }
    return make_dataset(images, names);
  }
  static RunImages run_images(int first, int train, int validation) {
    RunImages images{.train = pictures(first, train),
                     .validation = {},
                     .pretext = {},
                     .root = {},
                     .skipped = {}};
    if (validation > 0) images.validation = pictures(first + train, validation);
    return images;
  }
  ClusterSettings settings() const {
    ClusterSettings settings = effort_settings(Effort::quick, 20, 2, 32);
    settings.averaging.normalize = found.backbone.normalize;
    return settings;
  }
  // As a run does.
  void embed(RunImages images) {
    Subject subject = image_subject(std::move(images), found.backbone, std::nullopt, environment);
    average_features(subject, settings(), environment);
  }
  static ImagesAhead ahead(const RunImages& images) {
    return {.sample = images.train,
            .root = {},
            .train = images.train.size(),
            .validation = images.validation ? images.validation->size() : 0};
  }
  KnownViews known(const RunImages& images) const {
    const Model model = clustering_model(found.backbone, 2, 1, 0);
    return known_views(model, evaluation_recipe_of(found.backbone), settings(), ahead(images),
                       environment);
  }

  const TemporaryDirectory folder;
  Environment environment;
  SubjectRequest wanted;
  BackboneChoice found;
};

TEST_F(EffortEstimates, KnowWhatEarlierRunsHaveEmbedded) {
  const int views = settings().averaged_views;
  ASSERT_EQ(views, 8);
  const RunImages images = run_images(0, 20, 5);
  EXPECT_EQ(known(images).plain, 0);
  EXPECT_EQ(known(images).drawn, 0);
  EXPECT_FALSE(fs::exists(environment.cache_directory / "features"));
  embed(run_images(0, 20, 5));
  EXPECT_EQ(known(images).plain, 25);
  EXPECT_EQ(known(images).drawn, 20 * views);
  // Half of other images; those that were set aside have no drawn views.
  EXPECT_EQ(known(run_images(10, 20, 0)).plain, 15);
  EXPECT_EQ(known(run_images(10, 20, 0)).drawn, 10 * views);
  found.backbone.normalize.mean = {0.1f, 0.2f, 0.3f};  // other views
  EXPECT_EQ(known(images).plain, 0);
}

// Half of the sample is known.
TEST_F(EffortEstimates, KnowFromASampleWhatEarlierRunsHaveEmbedded) {
  embed(run_images(0, 20, 0));
  const Model model = clustering_model(found.backbone, 2, 1, 0);
  const ImagesAhead images{.sample = pictures(15, 10), .root = {}, .train = 80, .validation = 20};
  const KnownViews known =
      known_views(model, evaluation_recipe_of(found.backbone), settings(), images, environment);
  EXPECT_EQ(known.plain, 50);
  EXPECT_EQ(known.drawn, 40 * settings().averaged_views);
}

TEST_F(EffortEstimates, LoadTheBackboneOnce) {
  fs::remove(wanted.backbone);
  const SeenSizes sizes{.all_small = true};
  const ClusterSettings asked = settings();
  const std::vector<EffortEstimate> estimates =
      estimate_efforts({.effort = Effort::quick,
                        .method = Method::automatic,
                        .settings = asked,
                        .clusters = 2,
                        .wanted = wanted,
                        .sizes = sizes,
                        .found = &found},
                       ahead(run_images(0, 20, 5)), folder.path(), environment);
  std::vector<std::string> names;
  for (const EffortEstimate& estimate : estimates) names.push_back(estimate.name);
  EXPECT_THAT(names, testing::ElementsAre("quick", "standard", "full"));
}

}  // namespace
}  // namespace nolabel
