// nolabel zoo as its users meet it, with the weights of this repository.
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
using testing::HasSubstr;

TEST(Zoo, ListsForPeopleAndPrograms) {
  const Outcome table = run("zoo list");
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("cifar10-heads-selflabel"));
  const auto list = nlohmann::json::parse(run("zoo list --json -").out);
  EXPECT_EQ(list["entries"][0]["name"], "starter");
  EXPECT_EQ(list["entries"][0]["shipped"], true);
}

TEST(Zoo, AnEntryPredictsAndEvaluates) {
  const fs::path folder = new_folder("zoo");
  const Outcome got = run("zoo get cifar10-heads-scan --out " + folder.string());
  EXPECT_EQ(got.code, 0) << got.err;
  const std::string file = (folder / "cifar10-heads-scan.safetensors").string();
  const std::string clusters = (folder / "clusters.csv").string();
  const Outcome predicted = run("predict " + file + " " + images().string() + " --out " + clusters);
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(read_csv(clusters).size(), 1 + 24);
  const Outcome evaluated = run("eval " + images().string() + " --model " + file + " --out " +
                                (folder / "eval").string() + " --json -");
  EXPECT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_EQ(nlohmann::json::parse(evaluated.out)["clusters"], 10);
  expect_failure("predict " + file + " " + images().string() + " --model scan", 2, "is a file");
}

TEST(Zoo, VerifiesFilesAndFindsDamage) {
  const fs::path folder = new_folder("zoo_damage");
  const fs::path file = folder / "starter.safetensors";
  EXPECT_EQ(run("zoo get starter --out " + folder.string()).code, 0);
  const Outcome good = run("zoo verify " + file.string());
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("every tensor in its place"));
  std::string bytes = read_file(file);
  bytes[bytes.size() / 2] ^= 1;
  write_file(file, bytes);
  const Outcome bad = run("zoo verify " + file.string() + " --quiet");
  EXPECT_EQ(bad.code, 3);
  EXPECT_THAT(bad.out, HasSubstr("WRONG"));
  EXPECT_THAT(bad.err, HasSubstr("starter.safetensors"));
}

// SCAN's file says which of its heads is the best; safetensors cannot.
TEST(Zoo, ConvertTakesTheBestHead) {
  const fs::path folder = new_folder("convert");
  const fs::path scan = copy_of(clustered(), "many_heads");
  const Outcome trained =
      run("scan --force --num-heads 3 --num-neighbors 5 --epochs 1 --out " + scan.string());
  ASSERT_EQ(trained.code, 0) << trained.err;
  const fs::path model = scan / "scan/model.pth.tar", out = folder / "best.safetensors";
  const Outcome converted = run("convert " + model.string() + " " + out.string());
  EXPECT_EQ(converted.code, 0) << converted.err;
  const auto whole = nlohmann::json::parse(run("inspect " + model.string() + " --json -").out);
  const auto best = nlohmann::json::parse(run("inspect " + out.string() + " --json -").out);
  EXPECT_THAT(converted.err, HasSubstr(format("nolabel converts only the best head, {}",
                                              whole["best_head"].get<int>())));
  EXPECT_EQ(whole["tensors"].size(), best["tensors"].size() + 4);
  EXPECT_EQ(best["tensors"].back()["name"], "cluster_head.0.bias");
}

TEST(Zoo, MistakesAreOneLine) {
  expect_failure("zoo lst", 2, "Did you mean list?");
  expect_failure("zoo list starter", 2, "takes no NAME");
  expect_failure("zoo get", 2, "requires the NAME");
  expect_failure("zoo get startr", 2, "Did you mean starter?");
  expect_failure("zoo list --out x", 2, "--out means nothing to zoo list");
  expect_failure("zoo get starter --from ftp://x", 2, "folder or an http(s) URL");
  expect_failure("zoo verify starter --data nowhere", 2, "nowhere does not exist");
  expect_failure("zoo verify " + (images() / "class0/0.ppm").string(), 2, "neither the checksum");
  expect_failure("zoo list --manifest nowhere.json", 4, "nowhere.json");
}

TEST(Zoo, IntoAReadOnlyFolder) {
  const fs::path folder = new_folder("zoo_read_only");
  fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
  expect_failure("zoo get cifar10-heads-scan --out " + folder.string(), 4, "ermission denied",
                 {.ordinary_user = true});
  fs::permissions(folder, fs::perms::owner_all);
}

}  // namespace
}  // namespace nolabel
