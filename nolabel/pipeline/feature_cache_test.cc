#include "nolabel/pipeline/feature_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class FeatureCache : public testing::Test {
 protected:
  FeatureCache() {
    environment.cache_directory = folder.path();
    environment.feature_cache_mb = 1;
    environment.observer.log = [this](Severity, const std::string& text) { log += text; };
  }
  static FeatureMaker maker(const std::string& name) {
    return {.identity = {{"backbone", name}}, .backbone = name, .views = "plain"};
  }
  // Adds so many rows of 1,000 numbers, 4 KB each, as this maker.
  void add(const std::string& name, int rows) const {
    const auto file = open_feature_cache(maker(name), 1000, 4000 * rows, environment);
    ASSERT_TRUE(file);
    std::vector<RowKey> keys;
    for (int i = 0; i < rows; ++i) keys.push_back(row_key(format("{}", i)));
    file->append(keys, std::vector<float>(rows * 1000, 1.0f).data());
  }
  void not_used_for(const std::string& name, hours time) const {
    for (const CachedFeatureFile& listed : list_feature_cache(features)) {
      if (listed.backbone != name) continue;
      fs::last_write_time(listed.file, fs::file_time_type::clock::now() - time);
    }
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const CachedFeatureFile& file : list_feature_cache(features)) all.push_back(file.backbone);
    return all;
  }

  const TemporaryDirectory folder;
  const fs::path features = folder.path() / "features";
  Environment environment;
  std::string log;
};

TEST_F(FeatureCache, ListsWhatIsThere) {
  EXPECT_THAT(names(), testing::IsEmpty());
  add("dino", 3);
  add("clip", 5);
  not_used_for("clip", hours(48));
  const auto files = list_feature_cache(features);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].backbone, "dino");
  EXPECT_EQ(files[0].rows, 3);
  EXPECT_EQ(files[0].width, 1000);
  EXPECT_EQ(files[1].rows, 5);
  EXPECT_NEAR(files[1].days_unused, 2, 0.1);
  EXPECT_EQ(open_feature_cache(maker("dino"), 1000, 0, environment)->size(), 3);
}

TEST_F(FeatureCache, LeavesOutWhatWasNotUsedForLongest) {
  add("old", 100);  // 0.4 MB each
  not_used_for("old", hours(3));
  add("older", 100);
  not_used_for("older", hours(5));
  add("new", 100);  // 1.2 MB in all, and 1 is allowed
  EXPECT_THAT(names(), testing::ElementsAre("new", "old"));
  bound_feature_cache(features, 0, list_feature_cache(features)[0].file);
  EXPECT_THAT(names(), testing::ElementsAre("new"));
  EXPECT_EQ(std::distance(fs::directory_iterator(features), {}), 2);  // rows and description
  bound_feature_cache(features, 0);
  EXPECT_TRUE(fs::is_empty(features));
}

TEST_F(FeatureCache, OfOneNetworkIsBoundedToo) {
  for (int round = 0; round < 5; ++round) {
    const auto file = open_feature_cache(maker("dino"), 1000, 4000 * 100, environment);
    std::vector<RowKey> keys;
    for (int i = 0; i < 100; ++i) keys.push_back(row_key(format("{} {}", round, i)));
    file->append(keys, std::vector<float>(100 * 1000, 1.0f).data());
    EXPECT_LE(fs::file_size(list_feature_cache(features)[0].file), 1'000'000);
  }
}

TEST_F(FeatureCache, ListsOddFilesToo) {
  add("dino", 3);
  const fs::path file = list_feature_cache(features)[0].file;
  const fs::path description = fs::path(file).replace_extension(".json");
  for (const char* text : {R"({"backbone": 7, "width": "a"})", "[]", "{", ""}) {
    write_file(description, text);
    EXPECT_EQ(list_feature_cache(features)[0].rows, 3) << text;
  }
  fs::remove(description);
  fs::create_directory(description);
  write_file(features / "odd.rows", "no rows");
  EXPECT_EQ(list_feature_cache(features).size(), 2u);
}

TEST_F(FeatureCache, IsNotUsedWhereThereIsNoRoom) {
  EXPECT_FALSE(open_feature_cache(maker("dino"), 1000, 2'000'000, environment));
  environment.feature_cache_mb = 0;
  EXPECT_FALSE(open_feature_cache(maker("dino"), 1000, 4000, environment));
  environment.feature_cache_mb = 1;
  environment.cache_directory.clear();
  EXPECT_FALSE(open_feature_cache(maker("dino"), 1000, 4000, environment));
  EXPECT_EQ(log, "");
}

TEST_F(FeatureCache, IsLookedAtWithoutAChange) {
  EXPECT_FALSE(find_feature_cache(maker("dino"), 1000, 4000, environment));
  EXPECT_FALSE(fs::exists(features));
  add("dino", 3);
  not_used_for("dino", hours(48));
  EXPECT_EQ(find_feature_cache(maker("dino"), 1000, 4000, environment)->size(), 3);
  EXPECT_GT(list_feature_cache(features)[0].days_unused, 1.9);
  EXPECT_FALSE(find_feature_cache(maker("clip"), 1000, 4000, environment));
  EXPECT_FALSE(find_feature_cache(maker("dino"), 1000, 990'000, environment));  // begins anew
  environment.feature_cache_mb = 0;
  EXPECT_FALSE(find_feature_cache(maker("dino"), 1000, 4000, environment));
}

TEST_F(FeatureCache, ThatCannotBeWrittenIsSaid) {
  write_file(features, "a file in the way");
  EXPECT_FALSE(open_feature_cache(maker("dino"), 1000, 4000, environment));
  EXPECT_THAT(log, testing::HasSubstr("other runs will embed these images again"));
}

}  // namespace
}  // namespace nolabel
