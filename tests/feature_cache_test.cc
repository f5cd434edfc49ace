// Every image is embedded once: other runs, other numbers of clusters and other folders with the
// same pictures find its features.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class FeatureCache : public testing::Test {
 protected:
  FeatureCache() { ::setenv("NOLABEL_CACHE", cache.c_str(), 1); }
  ~FeatureCache() override { ::unsetenv("NOLABEL_CACHE"); }

  static json grouped(const fs::path& folder, const std::string& run,
                      const std::string& more = "") {
    return result_of(format("cluster '{}' --out '{}' --backbone '{}' --labels none {}",
                            folder.string(), (scratch() / run).string(), backbone().string(),
                            more));
  }
  static int64_t rows() {
    const json listed = result_of("cache list");
    int64_t sum = 0;
    for (const json& file : listed.at("files")) {
      sum += file.at("rows").get<int64_t>();
    }
    return sum;
  }
  static std::string clusters_of(const std::string& run) {
    std::string text;
    for (const CsvRow& row : read_csv(scratch() / run / "assignments.csv")) {
      text += row.fields.at(1) + " ";
    }
    return text;
  }

  const fs::path cache = new_folder("feature_cache");
};

TEST_F(FeatureCache, ServesOtherRunsAndFolders) {
  grouped(images(), "cached_first", "--clusters 3");
  const int64_t embedded = rows();
  EXPECT_GE(embedded, 2 * 24);  // plain and random views of 24 images
  grouped(images(), "cached_same", "--clusters 3");
  EXPECT_EQ(clusters_of("cached_same"), clusters_of("cached_first"));
  grouped(images(), "cached_other_k", "--clusters 4");

  // The same pictures under other names, in one folder.
  const fs::path moved = new_folder("cached_moved");
  int number = 0;
  for (const auto& entry : fs::recursive_directory_iterator(images())) {
    if (entry.is_regular_file()) fs::copy_file(entry, moved / format("picture {}.ppm", number++));
  }
  grouped(moved, "cached_moved_run", "--clusters 3");
  EXPECT_EQ(rows(), embedded);

  // Two more pictures: only they are embedded.
  write_images(moved / "new", 1, 2, 77);
  grouped(moved, "cached_grown", "--clusters 3");
  EXPECT_EQ(rows(), embedded / 24 * 26);

  // Another seed draws other random views; plain ones are the same.
  grouped(images(), "cached_other_seed", "--clusters 3 --seed 4");
  EXPECT_EQ(rows(), embedded / 24 * 26 + embedded - 24);

  result_of("cache prune");
  EXPECT_EQ(rows(), 0);
  grouped(images(), "cached_anew", "--clusters 3");
  EXPECT_EQ(clusters_of("cached_anew"), clusters_of("cached_first"));
}

TEST_F(FeatureCache, CanBeOffAndDamaged) {
  grouped(images(), "uncached", "--clusters 3 --feature-cache 0");
  EXPECT_EQ(rows(), 0);
  EXPECT_FALSE(fs::exists(cache / "features"));
  grouped(images(), "cached_whole", "--clusters 3");
  EXPECT_EQ(clusters_of("cached_whole"), clusters_of("uncached"));
  for (const auto& entry : fs::directory_iterator(cache / "features")) {
    if (entry.path().extension() != ".rows") continue;
    std::string bytes = read_file(entry);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file(entry, bytes);
  }
  grouped(images(), "cached_damaged", "--clusters 3");
  EXPECT_EQ(clusters_of("cached_damaged"), clusters_of("uncached"));
}

TEST_F(FeatureCache, DecodedImagesAreListedAndPrunedWithTheFeatures) {
  grouped(images(), "cached_beside_packs", "--clusters 3");
  const fs::path older = cache / "0123abcd-0123456789abcdef.pack",
                 newer = cache / "89abcdef-0123456789abcdef.pack";
  for (const fs::path& pack : {older, newer}) write_file(pack, std::string(2'000'000, 'x'));
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(older, now - std::chrono::hours(72));
  fs::last_write_time(newer, now + std::chrono::hours(1));  // used after the features
  json listed = result_of("cache list");
  ASSERT_EQ(listed["packs"].size(), 2u);
  EXPECT_EQ(listed["packs"][0]["file"], newer.string());
  EXPECT_NEAR(listed["packs"][1]["days_unused"].get<double>(), 3, 0.1);
  EXPECT_GT(listed["bytes"], 4'000'000);

  listed = result_of("cache prune --keep 3");
  EXPECT_EQ(listed["packs"].size(), 1u);
  EXPECT_GT(rows(), 0);
  EXPECT_FALSE(fs::exists(older));
  listed = result_of("cache prune --keep 2");  // the pack fills it
  EXPECT_EQ(rows(), 0);
  EXPECT_TRUE(fs::exists(newer));
  EXPECT_EQ(result_of("cache prune")["bytes"], 0);
}

TEST_F(FeatureCache, OfOneWhoMayNotWriteThere) {
  if (::geteuid() == 0) ::setenv("NOLABEL_CACHE", "/proc/none", 1);
  const Outcome outcome =
      run(format("cluster '{}' --out '{}' --backbone '{}' --clusters 3", images().string(),
                 (scratch() / "no_cache").string(), backbone().string()));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

}  // namespace
}  // namespace nolabel
