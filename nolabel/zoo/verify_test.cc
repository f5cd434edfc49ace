#include "nolabel/zoo/verify.h"

#include "nolabel/image/encode.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/zoo/table.h"
#include "nolabel/zoo/tiny_zoo_test.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Result = ZooCheck::Result;

class Verify : public TinyZoo {
 protected:
  void SetUp() override {
    TinyZoo::SetUp();
    environment.threads = 1;
    for (int i = 0; i < 24; ++i) {
      Image image(32, 32);
      for (size_t k = 0; k < image.pixels.size(); ++k) {
        image.pixels[k] = static_cast<uint8_t>((i % 3 * 80) + (k * (i + 1)) % 60);
      }
      const fs::path folder = data / format("test/class{}", i % 3);
      fs::create_directories(folder);
      fs::create_directories(data / format("train/class{}", i % 3));
      write_file(folder / format("{}.png", i), encode_png(image.view()));
      write_file(data / format("train/class{}/{}.png", i % 3, i), encode_png(image.view()));
    }
  }
  ZooVerdict verify(const std::string& name, const fs::path& file, const fs::path& images = {}) {
    const ZooManifest zoo = manifest();
    return verify_entry(zoo, find_entry(zoo, name), file, images, environment);
  }
  // The list says what was measured.
  void list_figures() {
    list["entries"][0]["metrics"] = measure(shipped / "tiny.safetensors", data, environment);
    list["entries"][1]["metrics"] = measure(whole_file, data, environment);
    write_list();
  }
  const fs::path data = root / "data";
  Environment environment;
};

TEST_F(Verify, ChecksumAndNetwork) {
  const ZooVerdict verdict = verify("tiny", shipped / "tiny.safetensors");
  EXPECT_TRUE(verdict.passed());
  ASSERT_EQ(verdict.checks.size(), 2);
  EXPECT_THAT(verdict.checks[1].detail, HasSubstr("of width 8, 32 px, projection mlp 128"));
  damage(shipped / "tiny.safetensors");
  const ZooVerdict damaged = verify("tiny", shipped / "tiny.safetensors");
  EXPECT_FALSE(damaged.passed());
  EXPECT_THAT(damaged.checks.at(0).detail, HasSubstr("SHA-256"));
}

TEST_F(Verify, AnotherNetworkThanTheListed) {
  list["entries"][1]["network"]["clusters"] = 4;
  write_list();
  const ZooVerdict verdict = verify("tiny-scan", get("tiny-scan"));
  EXPECT_FALSE(verdict.passed());
  EXPECT_THAT(verdict.checks.at(1).detail, HasSubstr("its network must be"));
}

// The bytes are the listed ones, and yet a tensor is missing.
TEST_F(Verify, ATensorThatIsMissing) {
  const fs::path file = shipped / "tiny.safetensors";
  WeightsInFile weights = read_model_weights(file);
  std::erase_if(weights.state, [](const NamedTensor& entry) {
    return entry.name == "backbone.layer2.0.bn1.weight";
  });
  write_safetensors(file, weights.state, weights.metadata);
  list["entries"][0].update(listed(file));
  write_list();
  const ZooVerdict verdict = verify("tiny", file);
  EXPECT_FALSE(verdict.passed());
  EXPECT_THAT(verdict.checks.at(1).detail, HasSubstr("missing"));
}

TEST_F(Verify, FiguresMeasuredAgain) {
  list_figures();
  EXPECT_TRUE(list["entries"][0]["metrics"]["neighbor_accuracy"].contains("5"));
  EXPECT_EQ(list["entries"][1]["metrics"]["images"], 24);
  const ZooVerdict verdict = verify("tiny-scan", get("tiny-scan"), data);
  EXPECT_TRUE(verdict.passed());
  EXPECT_EQ(verdict.checks.at(2).result, Result::passed);

  double acc = list["entries"][1]["metrics"]["ACC"];
  list["entries"][1]["metrics"]["ACC"] = acc + 0.006;
  write_list();
  const ZooVerdict wrong = verify("tiny-scan", get("tiny-scan"), data);
  EXPECT_FALSE(wrong.passed());
  EXPECT_THAT(wrong.checks.at(2).detail, HasSubstr("0.60 points from the list (ACC)"));
}

TEST_F(Verify, FiguresOfOtherImagesAreNotJudged) {
  list_figures();
  fs::remove(data / "test/class0/0.png");
  const ZooVerdict verdict = verify("tiny", shipped / "tiny.safetensors", data);
  EXPECT_TRUE(verdict.passed());
  EXPECT_EQ(verdict.checks.at(2).result, Result::not_judged);
  EXPECT_THAT(verdict.checks.at(2).detail, HasSubstr("23 images"));
}

TEST(CompareFigures, TheWorstDecides) {
  using nlohmann::json;
  const json listed{{"images", 9}, {"ACC", 0.5}, {"neighbor_accuracy", {{"1", 0.25}}}};
  json measured = listed;
  EXPECT_EQ(compare_figures(listed, measured, 0.0).result, Result::passed);
  measured["neighbor_accuracy"]["1"] = 0.26;
  EXPECT_EQ(compare_figures(listed, measured, 0.011).result, Result::passed);
  EXPECT_EQ(compare_figures(listed, measured, 0.009).result, Result::failed);
  measured.erase("ACC");
  EXPECT_EQ(compare_figures(listed, measured, 1).result, Result::failed);
  measured["ACC"] = nullptr;  // not finite
  EXPECT_EQ(compare_figures(listed, measured, 1).result, Result::failed);
  EXPECT_EQ(compare_figures(json::object(), measured, 1).result, Result::failed);
}

}  // namespace
}  // namespace nolabel
