#include "nolabel/pipeline/collection_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using enum ImageChange;
using testing::ElementsAre;

PlacedImages placed(const fs::path& root,
                    const std::vector<std::pair<std::string, std::string>>& files) {
  PlacedImages result{.list = {}, .root = root};
  for (const auto& [name, content] : files) {
    result.list.images.push_back({name, content_id(content)});
  }
  return result;
}

TEST(CollectionChanges, TellsNewMovedChangedAndGoneImages) {
  const PlacedImages was = placed(
      "/photos", {{"a.jpg", "A"}, {"b.jpg", "B"}, {"c.jpg", "C"}, {"d.jpg", "D"}, {"e.jpg", "E"}});
  const PlacedImages is =
      placed("/photos", {{"a.jpg", "A"}, {"b.jpg", "B2"}, {"sub/c.jpg", "C"}, {"f.jpg", "F"}});
  const CollectionChanges changes = collection_changes(was, is);
  EXPECT_THAT(changes.changes, ElementsAre(none, changed, moved, fresh));
  EXPECT_THAT(changes.was, ElementsAre("", "", "c.jpg", ""));
  EXPECT_THAT(changes.gone, ElementsAre("d.jpg", "e.jpg"));
  EXPECT_TRUE(changes.is_known(0));
  EXPECT_FALSE(changes.is_known(1));
  EXPECT_TRUE(changes.is_known(2));
  EXPECT_EQ(changes.count(fresh), 1);
}

// The names change when another folder comes, and the places do not.
TEST(CollectionChanges, ComparesPlacesAndNotNames) {
  const PlacedImages was = placed("/all/photos", {{"a.jpg", "A"}, {"b.jpg", "B"}});
  const PlacedImages is =
      placed("/all", {{"photos/a.jpg", "A"}, {"photos/b.jpg", "B"}, {"more/c.jpg", "C"}});
  EXPECT_THAT(collection_changes(was, is).changes, ElementsAre(none, none, fresh));
}

TEST(CollectionChanges, ACopyIsNewAndOneMoveTakesOneImage) {
  const PlacedImages was = placed("/p", {{"a", "A"}, {"b", "B"}, {"c", "B"}});
  // a has got a copy; of the two images with the content B one has moved, and one is gone.
  const PlacedImages is = placed("/p", {{"a", "A"}, {"a2", "A"}, {"d", "B"}});
  const CollectionChanges changes = collection_changes(was, is);
  EXPECT_THAT(changes.changes, ElementsAre(none, fresh, moved));
  EXPECT_THAT(changes.gone, testing::SizeIs(1));
}

TEST(CollectionChanges, TwoImagesThatChangePlacesHaveMoved) {
  const CollectionChanges changes = collection_changes(placed("/p", {{"a", "A"}, {"b", "B"}}),
                                                       placed("/p", {{"a", "B"}, {"b", "A"}}));
  EXPECT_THAT(changes.changes, ElementsAre(moved, moved));
  EXPECT_THAT(changes.was, ElementsAre("b", "a"));
  EXPECT_TRUE(changes.gone.empty());
}

TEST(CollectionChanges, ARunWithoutAListHasOnlyNewImages) {
  EXPECT_THAT(collection_changes({}, placed("/p", {{"a", "A"}})).changes, ElementsAre(fresh));
}

TEST(JoinedSources, KeepsEachPlaceOnce) {
  EXPECT_THAT(joined_sources({"/a/photos"}, {"/a/photos/", "/a/photos/2026", "/a/more"}),
              ElementsAre(fs::path("/a/photos"), fs::path("/a/more")));
  EXPECT_THAT(joined_sources({"/a/photos/2025"}, {"/a/photos"}),
              ElementsAre(fs::path("/a/photos")));
  EXPECT_THAT(joined_sources({"/a/photo"}, {"/a/photos"}),
              ElementsAre(fs::path("/a/photo"), fs::path("/a/photos")));
}

TEST(CommonRoot, IsTheDeepestFolderOfAll) {
  EXPECT_EQ(common_root({"/a/b/c"}), "/a/b/c");
  EXPECT_EQ(common_root({"/a/b/c/", "/a/b/d"}), "/a/b");
  EXPECT_EQ(common_root({}), "");
}

}  // namespace
}  // namespace nolabel
