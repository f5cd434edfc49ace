// The ImageNet recipe with its published configs, in its published layout: a ResNet-50 that is
// imported, ten heads on it while it is frozen, self-labelling of the whole; at a size for a test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int classes = 3;

std::string wnid(int label) {
  return format("n0000000{}", label);
}

// `folder`/<wnid>/<i>.JPEG.
void write_split(const fs::path& folder, int per_class, uint64_t seed) {
  write_images(folder, classes, per_class, seed);
  for (int c = 0; c < classes; ++c) {
    fs::rename(folder / format("class{}", c), folder / wnid(c));
    for (const auto& entry : fs::directory_iterator(folder / wnid(c))) {
      fs::rename(entry.path(), fs::path(entry.path()).replace_extension(".JPEG"));
    }
  }
}

class ImageNet : public testing::Test {
 protected:
  ImageNet() {
    write_split(data / "ILSVRC2012_img_train", 20, 1);
    write_split(data / "ILSVRC2012_img_val", 4, 2);
    std::string list;
    for (int c = 0; c < classes; ++c) list += format("{} kind {}\n", wnid(c), c);
    write_file(data / "list.txt", list);
    write_file(data / "env.yml", format("root_dir: {}\ndatasets: {{imagenet: {}}}\n",
                                        results.string(), data.string()));
  }

  // A stage by its published config, with `more` settings; its result.
  json stage(const std::string& name, const std::string& config, const std::string& more) const {
    const Outcome outcome =
        run(name +
            format(" --quiet --json - --config_env {} --config_exp {}/configs/{}",
                   (data / "env.yml").string(), NOLABEL_SOURCE, config) +
            format(" --set subset={} --set num_classes={}", (data / "list.txt").string(), classes) +
            more);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.code == 0 ? json::parse(outcome.out) : json::object();
  }

  const fs::path data = new_folder("imagenet"), results = new_folder("imagenet_results");
  const fs::path run_folder = results / "imagenet_50";
};

TEST_F(ImageNet, StagesOfTheSubsetRecipeFollowOneAnother) {
  const fs::path pretext = new_folder("resnet50");
  ASSERT_EQ(run("simclr " + images().string() +
                " --quiet --backbone resnet50 --stem imagenet --width 8 --epochs 1 "
                "--optimizer-kwargs.lr 0.001"
                " --image-size 16 --out " +
                pretext.string())
                .code,
            0);
  const fs::path file = pretext / "pretext/model.pth.tar";

  const json mined = stage("moco " + file.string(), "pretext/moco_imagenet50.yml", "");
  EXPECT_TRUE(mined["validation_neighbor_accuracy"].contains("5"));
  EXPECT_EQ(read_npy_int64(run_folder / "pretext/topk-train-neighbors.npy").columns, 51);

  const json scan = stage("scan", "scan/scan_imagenet_50.yml", " --set epochs=1");
  EXPECT_EQ(scan["evaluation"]["heads"].size(), 10u);
  EXPECT_EQ(scan["evaluation"]["clusters"], classes);
  const json selflabel =
      stage("selflabel", "selflabel/selflabel_imagenet_50.yml", " --set epochs=1");
  EXPECT_EQ(selflabel["evaluation"]["heads"].size(), 1u);
  EXPECT_EQ(selflabel["evaluation"]["images"], 4 * classes);
}

// Whoever has a part of ImageNet learns which folders the subset lacks, and nothing is written.
TEST_F(ImageNet, MissingClassFoldersAreNamedBeforeAnythingIsWritten) {
  fs::remove_all(data / "ILSVRC2012_img_val" / wnid(1));
  write_file(data / "more.txt", format("{} kind\nn09999998 lost\nn09999999 gone\n", wnid(0)));
  const fs::path out = data / "new_run";
  for (const char* list : {"list.txt", "more.txt"}) {
    const std::string named = list == std::string("list.txt")
                                  ? "1 of them are missing: " + wnid(1)
                                  : "2 of them are missing: n09999998, n09999999";
    expect_failure(format("mine {} --subset {} --backbone starter --out {}", data.string(),
                          (data / list).string(), out.string()),
                   3, named);
    EXPECT_FALSE(fs::exists(out));
  }
}

}  // namespace
}  // namespace nolabel
