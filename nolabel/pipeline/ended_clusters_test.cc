#include "nolabel/pipeline/ended_clusters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

std::vector<ContentId> contents_from(uint64_t first, uint64_t count) {
  std::vector<ContentId> contents;
  for (uint64_t i = 0; i < count; ++i) contents.push_back({7, first + i});
  return contents;
}

TEST(ReturnedIds, AClusterIsTheEndedOneThatItSharesMostWith) {
  // Images 0..9; column 0 has the first four, column 1 the next three, column 2 the rest.
  const std::vector<ContentId> contents = contents_from(0, 10);
  const std::vector<int64_t> columns = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2};
  const EndedClusters ended = {{5, contents_from(0, 3)},   // in column 0
                               {6, contents_from(2, 5)},   // two of column 0, all of column 1
                               {8, contents_from(7, 3)}};  // column 2
  EXPECT_THAT(returned_ids(ended, {true, true, true}, columns, contents, {}), ElementsAre(5, 6, 8));
  EXPECT_THAT(returned_ids(ended, {true, true, false}, columns, contents, {}),
              ElementsAre(5, 6, -1));
  EXPECT_THAT(returned_ids(ended, {true, true, true}, columns, contents, {5}),
              ElementsAre(-1, 6, 8));
}

TEST(ReturnedIds, HalfIsNotEnoughAndGoneImagesDoNotCount) {
  const std::vector<ContentId> contents = contents_from(0, 8);
  const std::vector<int64_t> columns = {0, 0, 0, 0, 1, 1, 1, 1};
  // Two images of each column: half of the cluster, half of each column.
  const EndedClusters half = {{3, {contents[0], contents[1], contents[4], contents[5]}}};
  EXPECT_THAT(returned_ids(half, {true, true}, columns, contents, {}), ElementsAre(-1, -1));
  EndedClusters gone = {{3, contents_from(100, 50)}};
  gone[3].push_back(contents[0]);
  EXPECT_THAT(returned_ids(gone, {true, true}, columns, contents, {}), ElementsAre(3, -1));
}

TEST(EndedAfter, HoldsWhatIsGoneAndForgetsWhatIsBack) {
  const std::vector<ContentId> contents = contents_from(0, 4);
  const FoundClusters found{contents, {0, 0, 1, 2}, {0, 1, 2, 3}};
  const EndedClusters ended = ended_after({{9, {contents[0]}}, {1, {contents[3]}}}, found,
                                          {found_cluster(0), found_cluster(9)});
  ASSERT_THAT(ended, ElementsAre(Key(1), Key(2)));
  EXPECT_THAT(ended.at(1), ElementsAre(contents[2]));  // as it was last
}

TEST(EndedClusters, AreReadBack) {
  const auto run =
      std::filesystem::path(testing::TempDir()) / ("ended_clusters_" + std::to_string(getpid()));
  std::filesystem::create_directories(run);
  EXPECT_THAT(read_ended_clusters(run), IsEmpty());
  const EndedClusters ended = {{3, contents_from(0, 3)}, {12, contents_from(2, 2)}};
  write_ended_clusters(run, ended);
  EXPECT_EQ(read_ended_clusters(run), ended);
  write_file(run / "ended.csv", "content,cluster\n12,3\n");
  EXPECT_THROW(read_ended_clusters(run), Error);
  write_ended_clusters(run, {});
  EXPECT_FALSE(std::filesystem::exists(run / "ended.csv"));
  std::filesystem::remove_all(run);
}

}  // namespace
}  // namespace nolabel
