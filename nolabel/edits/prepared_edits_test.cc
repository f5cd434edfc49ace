#include "nolabel/edits/prepared_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/edits/edits_testing.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kSplitInThree = R"({"split": [{"cluster": 0, "into": 3}]})";

std::string preparing(const SmallRun& run, const std::string& document,
                      const SplitImages& split = in_turn) {
  return error_of([&] { run.prepared(document, split); });
}

TEST(Prepare, KeepsTheContentOfEveryPath) {
  const SmallRun run = small_run(2, {0, 1, 1, 0});
  const AppliedEdits applied =
      run.prepared(R"({"move": [{"path": "a", "to": 1}], "junk": ["b"], "keep": ["c"]})");
  EXPECT_THAT(applied.contents,
              ElementsAre(std::pair("a", run.contents[0]), std::pair("b", run.contents[1]),
                          std::pair("c", run.contents[2])));
  EXPECT_THAT(applied.made, IsEmpty());
}

TEST(Prepare, RefusesPathsThatDoNotExist) {
  const SmallRun run = small_run(2, {0, 1});
  EXPECT_EQ(preparing(run, R"({"move": [{"path": "a/b.jpg", "to": 1}]})"),
            "usage: edits.json moves a/b.jpg, but the run has no image of this path.");
  EXPECT_EQ(preparing(run, R"({"junk": ["x\ny"]})"),
            "usage: edits.json marks as junk x\\x0ay, but the run has no image of this path.");
  EXPECT_EQ(preparing(run, R"({"keep": ["bytes:%FF"]})"),
            "usage: edits.json keeps bytes:%FF, but the run has no image of this path.");
  EXPECT_EQ(error_of([&] {
              prepare({.junk = {"x"}}, run.now(), run.names, run.contents, in_turn, "my.json");
            }),
            "usage: my.json marks as junk x, but the run has no image of this path.");
}

TEST(Prepare, RefusesClustersThatDoNotExist) {
  const SmallRun run = small_run(3, {0, 1});
  const std::string has = ", but the run has the clusters 0, 1, 2.";
  EXPECT_EQ(preparing(run, R"({"names": {"12": "a"}})"),
            "usage: edits.json names cluster 12" + has);
  EXPECT_EQ(preparing(run, R"({"merge": [[0, 3]]})"), "usage: edits.json merges cluster 3" + has);
  EXPECT_EQ(preparing(run, R"({"split": [{"cluster": 4, "into": 2}]})"),
            "usage: edits.json splits cluster 4" + has);
  EXPECT_EQ(preparing(run, R"({"move": [{"path": "a", "to": 5}]})"),
            "usage: edits.json moves images to cluster 5" + has);
  EXPECT_EQ(preparing(small_run(50, {0}), R"({"names": {"50": "a"}})"),
            "usage: edits.json names cluster 50, but the run has the clusters 0, 1, 2, 3, 4, 5, 6, "
            "7, 8, 9 ….");
}

TEST(Prepare, RefusesContradictionsBetweenIdenticalImages) {
  SmallRun run = small_run(2, {0, 0, 1});
  run.contents[1] = run.contents[0];
  EXPECT_EQ(preparing(run, R"({"move": [{"path": "a", "to": 1}, {"path": "b", "to": 0}]})"),
            "usage: edits.json moves a and b to different clusters, but these images are "
            "identical.");
  EXPECT_EQ(preparing(run, R"({"move": [{"path": "a", "to": 1}], "junk": ["b"]})"),
            "usage: edits.json moves a and marks b as junk, but these images are identical.");
  EXPECT_EQ(preparing(run, R"({"keep": ["b"], "junk": ["a"]})"),
            "usage: edits.json keeps b and marks a as junk, but these images are identical.");
  EXPECT_EQ(preparing(run, R"({"move": [{"path": "a", "to": 1}, {"path": "b", "to": 1}],
                               "keep": ["a", "b"], "junk": ["c"]})"),
            "");
}

TEST(Prepare, SplitsOneImageOfEachContentThatIsNoJunk) {
  SmallRun run = small_run(2, {0, 0, 1, 0, 0});
  run.contents[3] = run.contents[0];
  run.edit(R"({"junk": ["b"]})");
  std::vector<int64_t> seen;
  run.prepared(R"({"split": [{"cluster": 0, "into": 2}]})",
               [&](int cluster, const std::vector<int64_t>& images, int into) {
                 EXPECT_EQ(cluster, 0);
                 seen = images;
                 return in_turn(cluster, images, into);
               });
  EXPECT_THAT(seen, ElementsAre(0, 4));
  EXPECT_EQ(preparing(run, kSplitInThree),
            "usage: edits.json splits cluster 0 into 3, but the cluster has only 2 different "
            "images.");
}

TEST(Prepare, GivesNewIdsByFallingSize) {
  const SmallRun run = small_run(2, {0, 0, 0, 0, 0, 0, 1});
  const auto made = [&](const std::vector<int>& parts) {
    return run.prepared(kSplitInThree, [&](int, const std::vector<int64_t>&, int) { return parts; })
        .made;
  };
  const auto contents = [&](const std::vector<size_t>& images) {
    std::vector<ContentId> list;
    for (const size_t i : images) list.push_back(run.contents[i]);
    return list;
  };
  EXPECT_THAT(made({1, 0, 2, 0, 2, 2}),
              ElementsAre(MadeCluster{2, 0, contents({1, 3})}, MadeCluster{3, 0, contents({0})}));
  // Equal parts come in the order of their first image, whatever their numbers.
  EXPECT_THAT(made({2, 1, 0, 2, 1, 0}), ElementsAre(MadeCluster{2, 0, contents({1, 4})},
                                                    MadeCluster{3, 0, contents({2, 5})}));
  EXPECT_EQ(made({2, 1, 0, 2, 1, 0}), made({0, 2, 1, 0, 2, 1}));
}

TEST(Prepare, CountsCopiesInTheSizeOfAPart) {
  SmallRun run = small_run(1, {0, 0, 0, 0, 0});
  run.contents[3] = run.contents[4] = run.contents[0];
  const SplitImages first_alone = [](int, const std::vector<int64_t>&, int) {
    return std::vector{1, 0, 0};
  };
  const AppliedEdits applied =
      run.prepared(R"({"split": [{"cluster": 0, "into": 2}]})", first_alone);
  EXPECT_THAT(applied.made, ElementsAre(MadeCluster{1, 0, {run.contents[1], run.contents[2]}}));
}

TEST(Prepare, RefusesASplitWithAnEmptyPart) {
  const auto two_parts = [](int, const std::vector<int64_t>& images, int) {
    std::vector<int> parts(images.size());
    parts[0] = 2;
    return parts;
  };
  EXPECT_EQ(preparing(small_run(1, {0, 0, 0, 0}), kSplitInThree, two_parts),
            "usage: edits.json splits cluster 0 into 3, but its images are too alike for so many "
            "parts.");
}

TEST(Prepare, UsesNoIdOfAMergedCluster) {
  SmallRun run = small_run(3, {0, 0, 1, 1, 2});
  run.edit(R"({"merge": [[0, 2]]})");
  run.edit(R"({"split": [{"cluster": 1, "into": 2}, {"cluster": 0, "into": 2}]})");
  EXPECT_THAT(run.now().cluster_of, ElementsAre(0, 3, 1, 4, 0));
}

}  // namespace
}  // namespace nolabel
