#include "nolabel/data/published.h"

#include <gmock/gmock.h>

#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

class Published : public FolderTest {
 protected:
  static std::string refusal(const std::string& name, const DataPlaces& places) {
    try {
      return "found " + locate(published_data(name), places).string();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
  }
  fs::path found(const std::string& name) const {
    return locate(published_data(name), {.datasets = {}, .root = root});
  }
};

TEST_F(Published, NamesAreThePublishedOnes) {
  for (const char* name : {"cifar-10", "cifar-20", "stl-10", "imagenet", "imagenet_50",
                           "imagenet_100", "imagenet_200"}) {
    EXPECT_EQ(published_data(name).name, name);
  }
  EXPECT_TRUE(published_data("cifar-20").coarse);
  EXPECT_EQ(published_data("imagenet_100").subset, "imagenet_100");
  EXPECT_EQ(published_data("imagenet").subset, "");
  try {
    published_data("cifar10");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_THAT(error.what(), EndsWith("Did you mean cifar-10?"));
  }
}

TEST_F(Published, ARootIsLookedIntoAndSoIsItsFolderOfThatName) {
  write("cifar-100-python/meta", "");
  EXPECT_EQ(found("cifar-20"), root / "cifar-100-python");
  write("cifar-10/cifar-10-batches-bin/data_batch_1.bin", "");
  EXPECT_EQ(found("cifar-10"), root / "cifar-10/cifar-10-batches-bin");
  write("cifar-10-batches-py/test_batch", "");
  EXPECT_EQ(found("cifar-10"), root / "cifar-10-batches-py");
  write("stl-10/train_X.bin", "");
  EXPECT_EQ(found("stl-10"), root / "stl-10");
  write("imagenet/ILSVRC2012_img_val/n01440764/a.JPEG", "");
  EXPECT_EQ(found("imagenet"), root / "imagenet");
  EXPECT_EQ(found("imagenet_50"), root / "imagenet");
}

TEST_F(Published, AnEntryNamesTheFolderThatHoldsItOrTheDataItself) {
  write("a/stl10_binary/test_X.bin", "");
  write("b/ILSVRC2012_img_train/n01440764/a.JPEG", "");
  write("stl10_binary/test_X.bin", "");
  const auto at = [&](const std::string& name, const fs::path& entry) {
    return locate(published_data(name), {.datasets = {{name, entry}}, .root = root});
  };
  EXPECT_EQ(at("stl-10", root / "a"), root / "a/stl10_binary");
  EXPECT_EQ(at("stl-10", root / "a/stl10_binary"), root / "a/stl10_binary");
  EXPECT_EQ(at("imagenet_50", root / "b"), root / "b");
  EXPECT_EQ(at("imagenet_50", root / "b/ILSVRC2012_img_train/"), root / "b");
  // What the entry says counts: the copy below the data root is not taken for it.
  EXPECT_THAT(refusal("stl-10", {.datasets = {{"stl-10", root / "b"}}, .root = root}),
              AllOf(HasSubstr("stl10_binary"), HasSubstr((root / "b").string())));
}

TEST_F(Published, WhatIsMissingSaysWhereItWasSoughtAndHowToGetIt) {
  EXPECT_THAT(refusal("cifar-10", {.datasets = {}, .root = root}),
              AllOf(HasSubstr("cifar-10-batches-py"), HasSubstr((root / "cifar-10").string()),
                    HasSubstr("cifar-10-python.tar.gz (0.2 GB)")));
  EXPECT_THAT(refusal("imagenet_50", {.datasets = {}, .root = root}),
              AllOf(HasSubstr("ILSVRC2012_img_train"), HasSubstr("image-net.org")));
  EXPECT_THAT(refusal("stl-10", {}), HasSubstr("--data-root"));
}

TEST_F(Published, DownloadsGoWhereTheyAreLookedFor) {
  const PublishedData& stl10 = published_data("stl-10");
  EXPECT_EQ(download_folder(stl10, {.datasets = {{"stl-10", "x"}}, .root = "y"}), "x");
  EXPECT_EQ(download_folder(stl10, {.datasets = {{"cifar-10", "x"}}, .root = "y"}), "y");
  EXPECT_THROW(download_folder(stl10, {}), Error);
}

}  // namespace
}  // namespace nolabel
