#include "nolabel/edits/edit_description.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/edits/edits_testing.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DescribeEdits, SaysEachThingInALine) {
  SmallRun run = small_run(5, {0, 0, 0, 0, 0, 2, 2, 4});
  run.edit(R"({"names": {"3": "cats", "1": "birds", "0": ""}})");
  run.edit(R"({"merge": [[1, 4]], "split": [{"cluster": 2, "into": 2}],
               "move": [{"path": "a", "to": 1}, {"path": "b", "to": 2}, {"path": "c", "to": 2},
                        {"path": "d", "to": 2}, {"path": "e", "to": 2}],
               "junk": ["f", "g", "h"]})");
  run.edit(R"({"junk": ["a"], "keep": ["b", "c"]})");
  EXPECT_THAT(describe_edits(run.log, run.now().identities),
              ElementsAre("1. cluster 0 has no name",     //
                          "   cluster 1 is named birds",  //
                          "   cluster 3 is named cats",   //
                          "2. clusters 1 and 4 are merged into cluster 1 'birds'",
                          "   cluster 2 is split into clusters 2 and 5",  //
                          "   moved 1 image to cluster 1 'birds' (a)",    //
                          "   moved 4 images to cluster 2 (b, c, d …)",   //
                          "   3 images are junk (f, g, h)",               //
                          "3. 1 image is junk (a)",                       //
                          "   2 images are fine in place (b, c)"));
}

TEST(DescribeEdits, AlignsTheLinesOfADocument) {
  std::vector<AppliedEdits> log(10);
  log[9].asked = {.junk = {"a\nb"}, .keep = {"\xff"}};
  const std::vector<std::string> lines = describe_edits(log, {});
  ASSERT_EQ(lines.size(), 11u);
  EXPECT_EQ(lines[0], "1. nothing is edited");
  EXPECT_EQ(lines[9], "10. 1 image is junk (a\\x0ab)");
  EXPECT_EQ(lines[10], "    1 image is fine in place (bytes:%FF)");
  EXPECT_THAT(describe_edits({}, {}), IsEmpty());
}

}  // namespace
}  // namespace nolabel
