#include "nolabel/record/metrics_log.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "nolabel/base/file.h"

namespace nolabel {
namespace {

const char* const three = "{\"epoch\":0,\"loss\":3.0}\n{\"epoch\":1,\"loss\":2.0}\n{\"epoch\":2}\n";

std::filesystem::path fresh(const std::string& name) {
  const auto path = std::filesystem::path(::testing::TempDir()) / name;
  std::filesystem::remove(path);
  return path;
}

TEST(MetricsLog, AppendsOneLinePerEpoch) {
  const auto path = fresh("append.jsonl");
  MetricsLog log(path, 0);
  EXPECT_FALSE(std::filesystem::exists(path));
  log.append({{"epoch", 0}, {"loss", 3.0}});
  log.append({{"epoch", 1}, {"loss", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_EQ(read_file(path), "{\"epoch\":0,\"loss\":3.0}\n{\"epoch\":1,\"loss\":null}\n");
}

TEST(MetricsLog, ResumeDropsTheEpochsThatWillBeRepeated) {
  const auto path = fresh("resume.jsonl");
  write_file(path, three);
  MetricsLog(path, 3);
  EXPECT_EQ(read_file(path), three);
  MetricsLog(path, 1).append({{"epoch", 1}, {"loss", 1.5}});
  EXPECT_EQ(read_file(path), "{\"epoch\":0,\"loss\":3.0}\n{\"epoch\":1,\"loss\":1.5}\n");
  MetricsLog(path, 0);
  EXPECT_EQ(read_file(path), "");
}

TEST(MetricsLog, ResumeDropsWhatAKillToreAtEveryByte) {
  const auto path = fresh("torn.jsonl");
  const std::string whole = three;
  const size_t two_lines = whole.find("{\"epoch\":2}");
  for (size_t bytes = two_lines; bytes < whole.size(); ++bytes) {
    write_file(path, whole.substr(0, bytes));
    MetricsLog(path, 2).append({{"epoch", 2}});
    EXPECT_EQ(read_file(path), whole) << bytes;
  }
}

}  // namespace
}  // namespace nolabel
