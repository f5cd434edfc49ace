#include "nolabel/pipeline/neighbor_tables.h"

#include <gtest/gtest.h>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

TEST(SearchAdvice, IsForExactSearchWhereThereIsAnother) {
  const char* advice = "--search ivf is faster and finds 90 % of the neighbors";
  EXPECT_EQ(search_advice({.recall = 0.9}), has_approximate_search() ? advice : "");
  EXPECT_EQ(search_advice({.search = Search::ivf}), "");
  EXPECT_EQ(search_advice({.search = Search::hnsw}), "");
}

}  // namespace
}  // namespace nolabel
