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

// An image that was moved over another one.
TEST(CollectionChanges, AnImageThatAMoveReplacedIsGone) {
  const CollectionChanges changes =
      collection_changes(placed("/p", {{"a", "A"}, {"b", "B"}}), placed("/p", {{"a", "B"}}));
  EXPECT_THAT(changes.changes, ElementsAre(moved));
  EXPECT_THAT(changes.gone, ElementsAre("a"));
}

TEST(JoinedSources, KeepsEachPlaceOnce) {
  const fs::path home = fs::path(testing::TempDir()) / "joined_sources";
  for (const char* folder : {"photos/2026", "photo", "more"}) fs::create_directories(home / folder);
  const fs::path photos = home / "photos";
  const auto yes = [](const fs::path&) { return true; };
  const auto no = [](const fs::path&) { return false; };
  const std::vector<fs::path> added = {photos / "", photos / "2026", home / "photo", home / "more"};
  EXPECT_THAT(joined_sources({photos}, added, yes),
              ElementsAre(photos, home / "photo", home / "more"));
  // A source with train and test folders does not hold what lies beside them.
  EXPECT_THAT(joined_sources({photos}, {photos / "2026"}, no),
              ElementsAre(photos, photos / "2026"));
  // A list file may name images anywhere.
  EXPECT_THAT(joined_sources({photos}, {photos / "list.csv"}, yes),
              ElementsAre(photos, photos / "list.csv"));
  fs::remove_all(home);
}

TEST(AnyLiesIn, KnowsFoldersByWholeNames) {
  const PlacedImages images_there = placed("/p", {{"photos/a", "A"}});
  EXPECT_TRUE(any_lies_in(images_there, "/p/photos"));
  EXPECT_TRUE(any_lies_in(images_there, "/p/photos/"));
  EXPECT_TRUE(any_lies_in(images_there, "/p/photos/a"));
  EXPECT_FALSE(any_lies_in(images_there, "/p/photo"));
  EXPECT_FALSE(any_lies_in(placed("", {{"batch:1", "A"}}), "/p"));
}

}  // namespace
}  // namespace nolabel
