#include "nolabel/pipeline/cluster_backbone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "nolabel/backbones/test_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/pipeline/installed_backbone.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// The two backbones are files that a test makes; the environment names them.
class ClusterBackbone : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(directory);
    ::setenv("NOLABEL_STARTER", starter.c_str(), 1);
    ::setenv("NOLABEL_PHOTOS", photos.c_str(), 1);
    write(starter, testing_models::slim_backbone(), labels_none);
    write(photos, {"efficientnet-lite0", {}}, labels_imagenet);
  }
  void TearDown() override {
    ::unsetenv("NOLABEL_STARTER");
    ::unsetenv("NOLABEL_PHOTOS");
    fs::remove_all(directory);
  }
  static void write(const fs::path& file, const BackboneDescription& network,
                    const std::string& labels) {
    const Model model({.backbone = network}, 0);
    Statements statements = backbone_statements(network, preprocessing(network), labels);
    statements["description"] = file.stem().string();
    write_safetensors(file, model.state_dict(), statements);
  }

  static BackboneChoice chosen(const SubjectRequest& wanted, Effort effort,
                               const SeenSizes& sizes) {
    if (begins_from_nothing(wanted, effort)) return choice_for(effort, {}, wanted, sizes);
    std::optional<Backbone> named;
    if (!wanted.backbone.empty()) named = load_backbone(wanted.backbone, wanted.image_size);
    return choice_for(effort, find_backbone(wanted, named, sizes, {.offline = true}, {}), wanted,
                      sizes);
  }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("cluster_backbone_{}", int64_t{::getpid()});
  const TestBackboneFolders folders{directory};
  const fs::path starter = directory / "little.safetensors", photos = directory / "big.safetensors";
  const SeenSizes small{.all_small = true, .most_large = false};
  const SeenSizes large{.all_small = false, .most_large = true};
};

TEST_F(ClusterBackbone, GoesByTheSizeOfTheImagesAndSaysWhy) {
  const BackboneChoice for_photos = chosen({}, Effort::quick, large);
  EXPECT_EQ(for_photos.backbone.file, photos);
  EXPECT_EQ(for_photos.backbone.image_size, 224);
  EXPECT_EQ(for_photos.warning, "");
  EXPECT_THAT(for_photos.announcement(),
              HasSubstr("big (most images are larger than 64 pixels); views of 224 pixels. The "
                        "backbone was trained with the labels of ImageNet"));
  const BackboneChoice for_icons = chosen({}, Effort::quick, small);
  EXPECT_EQ(for_icons.backbone.file, starter);
  EXPECT_THAT(for_icons.announcement(), HasSubstr("little (most images are small)"));
  EXPECT_THAT(for_icons.announcement(), testing::Not(HasSubstr("ImageNet")));
}

TEST_F(ClusterBackbone, TakesTheStarterWherePhotosIsNotInstalled) {
  fs::remove(photos);
  if (find_photos_backbone()) GTEST_SKIP() << "another one is installed beside this test";
  const BackboneChoice choice = chosen({}, Effort::quick, large);
  EXPECT_EQ(choice.backbone.file, starter);
  EXPECT_THAT(choice.announcement(), HasSubstr("the backbone for photos is not installed"));
  EXPECT_THAT(choice.warning, HasSubstr("Run tools/setup.sh to fetch the backbone"));
  EXPECT_THROW(load_backbone("photos"), Error);
}

TEST_F(ClusterBackbone, ObeysTheRequest) {
  SubjectRequest request;
  request.backbone = "photos";
  EXPECT_EQ(chosen(request, Effort::quick, small).backbone.file, photos);
  request.backbone = "starter";
  EXPECT_EQ(chosen(request, Effort::quick, large).backbone.image_size, 32);
  EXPECT_EQ(chosen(request, Effort::standard, large).backbone.image_size, 64);
  EXPECT_EQ(chosen(request, Effort::standard, small).backbone.image_size, 32);
  request.backbone = "photos";
  EXPECT_FALSE(chosen(request, Effort::standard, large).is_tuned);
  EXPECT_EQ(chosen(request, Effort::standard, large).backbone.image_size, 224);
  request = {};
  EXPECT_EQ(chosen(request, Effort::full, small).backbone.image_size, 32);
  EXPECT_EQ(chosen(request, Effort::full, large).backbone.image_size, 96);
}

TEST_F(ClusterBackbone, IsLoadedOnceForAllEfforts) {
  const BackboneChoice found = find_backbone({}, std::nullopt, small, {.offline = true}, {});
  fs::remove(starter);
  EXPECT_EQ(choice_for(Effort::quick, found, {}, large).backbone.image_size, 32);
  const BackboneChoice tuned = choice_for(Effort::standard, found, {}, large);
  EXPECT_EQ(tuned.backbone.image_size, 64);
  EXPECT_FALSE(tuned.backbone.state.empty());
  EXPECT_TRUE(choice_for(Effort::full, found, {}, large).backbone.state.empty());
}

TEST_F(ClusterBackbone, LabelsOfTheStartArePassedOn) {
  EXPECT_EQ(load_backbone(photos.string()).labels, "imagenet");
  EXPECT_EQ(load_backbone("starter").labels, "none");
}

// What a run of each effort looks for when nobody names a backbone.
TEST(WantedBackbone, IsWhatTheRunUsesOrBeganWith) {
  RunState untuned;
  untuned.effort = "standard";
  untuned.backbone.name = "/net.pth";
  untuned.backbone.image_size = 48;
  const auto wanted = [](Effort effort, const RunState& state, const std::string& name = "",
                         int image_size = 0) {
    SubjectRequest request;
    request.backbone = name;
    request.image_size = image_size;
    const WantedBackbone found = wanted_backbone(request, effort, state);
    return format("{} {}{}", found.subject.backbone, found.subject.image_size,
                  found.is_remembered ? " remembered" : "");
  };
  EXPECT_EQ(wanted(Effort::quick, untuned), "/net.pth 48 remembered");
  EXPECT_EQ(wanted(Effort::standard, untuned), "/net.pth 48 remembered");
  EXPECT_EQ(wanted(Effort::full, untuned), " 0");
  EXPECT_EQ(wanted(Effort::standard, untuned, "starter"), "starter 0");
  EXPECT_EQ(wanted(Effort::standard, untuned, "", 32), "/net.pth 32 remembered");
  untuned.effort = "quick";  // what is to be tuned now was not
  EXPECT_EQ(wanted(Effort::standard, untuned), " 0");

  RunState tuned;
  tuned.effort = "standard";
  tuned.backbone.start = {.name = "/start.pth", .image_size = 40};
  EXPECT_EQ(wanted(Effort::standard, tuned), "/start.pth 40 remembered");
  EXPECT_EQ(wanted(Effort::full, tuned), " 0");
  EXPECT_EQ(wanted(Effort::standard, tuned, "/other.pth"), "/other.pth 0");
  tuned.effort = "full";
  EXPECT_EQ(wanted(Effort::full, tuned), "/start.pth 40 remembered");
  tuned.backbone.start = {.name = "", .image_size = 64};
  EXPECT_EQ(wanted(Effort::full, tuned), " 64");
}

}  // namespace
}  // namespace nolabel
