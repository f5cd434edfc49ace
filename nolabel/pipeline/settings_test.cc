#include "nolabel/pipeline/settings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/nearest.h"

namespace nolabel {
namespace {

// The message about these settings; empty when they are accepted.
std::string problem(const std::vector<std::string>& assignments) {
  MineSettings settings;
  Schema schema;
  declare_search(schema, settings);
  for (const std::string& assignment : assignments) schema.set_assignment(assignment, "--set");
  try {
    schema.check();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "";
}

// Each pair of images once (docs/performance.md).
TEST(MineSettings, SufficeForImageNetInOneBand) {
  const int64_t bytes = int64_t{MineSettings{}.memory_mb} << 20;
  for (const int threads : {2, 16, 64}) {
    const SearchOptions options{.count = 51, .memory_bytes = bytes, .threads = threads};
    EXPECT_EQ(plan_search(1'281'167, 2048, options).bands, 1) << threads;
  }
}

TEST(DeclareSearch, RefusesNumbersOfAnotherSearch) {
  EXPECT_EQ(problem({}), "");
  EXPECT_EQ(problem({"ivf_lists=0"}), "");
  EXPECT_EQ(problem({"ivf_lists=5"}),
            "ivf_lists can be set only with search ivf. Received search exact. (--set)");
  EXPECT_EQ(problem({"search=ivf", "hnsw_parallel_build=true"}),
            "hnsw_parallel_build can be set only with search hnsw. Received search ivf. (--set)");
  EXPECT_EQ(problem({"search=ivf", "ivf_lists=5", "ivf_probes=2"}), "");
  EXPECT_EQ(problem({"search=hnsw", "hnsw_links=5", "hnsw_breadth=9"}), "");
}

TEST(DeclareSearch, RefusesARecallThatDecidesNothing) {
  EXPECT_EQ(
      problem({"search_recall=0.95"}),  // also the default, when asked for
      "search_recall can be set only with search ivf or hnsw. Received search exact. (--set)");
  EXPECT_EQ(problem({"search=ivf", "search_recall=0.9", "ivf_probes=3"}),
            "search_recall and ivf_probes cannot both be given, because search_recall determines "
            "ivf_probes. (--set)");
  EXPECT_EQ(problem({"search=hnsw", "search_recall=0.9", "hnsw_breadth=3"}),
            "search_recall and hnsw_breadth cannot both be given, because search_recall determines "
            "hnsw_breadth. (--set)");
  EXPECT_EQ(problem({"search=ivf", "search_recall=0.9", "ivf_lists=3"}), "");
  EXPECT_EQ(problem({"search=hnsw", "search_recall=0.9"}), "");
}

}  // namespace
}  // namespace nolabel
