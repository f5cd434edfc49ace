// Random documents, one after another, against a slow version and against what must always hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "nolabel/base/file.h"
#include "nolabel/edits/edits_testing.h"

namespace nolabel {
namespace {

using Names = std::map<int, std::string>;

// Each image by itself goes through the whole log.
struct ImageStory {
  ContentId content;
  int cluster;
  bool fixed = false, junk = false, kept = false;

  bool is(const std::string& path, const AppliedEdits& edits) const {
    return edits.contents.at(path) == content;
  }

  void live(const AppliedEdits& edits) {
    std::map<int, int> now;  // where a cluster is after the merges
    for (const auto& group : edits.asked.merge) {
      for (const int id : group) now[id] = group[0];
    }
    if (now.contains(cluster)) cluster = now[cluster];
    const int before = cluster;
    for (const MadeCluster& made : edits.made) {
      if (made.from == before && std::ranges::count(made.contents, content) > 0) cluster = made.id;
    }
    for (const auto& [path, to] : edits.asked.move) {
      if (!is(path, edits)) continue;
      cluster = now.contains(to) ? now[to] : to;
      fixed = true;
      junk = kept = false;
    }
    for (const std::string& path : edits.asked.junk) {
      if (is(path, edits)) junk = true, kept = false;
    }
    for (const std::string& path : edits.asked.keep) {
      if (is(path, edits)) junk = false, kept = true;
    }
  }
};

// Names by id of the clusters that exist after the log.
Names slow_names(int found, const std::vector<AppliedEdits>& log) {
  Names names;
  for (int id = 0; id < found; ++id) names[id];
  for (const AppliedEdits& edits : log) {
    Names given = edits.asked.names;
    for (const auto& group : edits.asked.merge) {
      // The survivor's new name, other new names, and then old names that were not taken away.
      std::vector<std::string> candidates;
      for (const int id : group) {
        if (given.contains(id)) candidates.push_back(given[id]);
      }
      for (const int id : group) {
        if (!given.contains(id)) candidates.push_back(names[id]);
      }
      std::erase(candidates, "");
      std::string name = candidates.empty() ? "" : candidates[0];
      if (given.contains(group[0])) name = given[group[0]];
      for (const int id : group) names.erase(id), given.erase(id);
      names[group[0]] = name;
    }
    for (const MadeCluster& made : edits.made) names[made.id];
    for (const auto& [id, name] : given) names[id] = name;
  }
  return names;
}

class RandomEdits {
 public:
  explicit RandomEdits(unsigned seed) : random_(seed) {}

  Edits next(const SmallRun& run) {
    const EditedClusters now = run.now();
    std::vector<int> ids;
    for (const ClusterIdentity& identity : now.identities) ids.push_back(identity.id);
    for (size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[below(i)]);
    Edits edits;
    size_t used = 0;
    if (below(3) == 0 && ids.size() > 4) {
      const size_t count = 2 + below(2);
      edits.merge.emplace_back(ids.begin(), ids.begin() + static_cast<long>(count));
      used = count;
    }
    for (; used < ids.size() && below(2) == 0; ++used) {
      const int into = 2 + static_cast<int>(below(2));
      if (different_images(ids[used], now, run) >= into) edits.split[ids[used]] = into;
    }
    for (const int id : ids) {
      if (below(6) == 0) edits.names[id] = std::string(below(3), static_cast<char>('a' + below(9)));
    }
    choose_images(edits, ids, run);
    return edits;
  }

 private:
  size_t below(size_t limit) { return random_() % limit; }

  static int different_images(int id, const EditedClusters& now, const SmallRun& run) {
    std::set<ContentId> contents;
    for (size_t i = 0; i < run.names.size(); ++i) {
      if (now.cluster_of[i] == id && !now.junk[i]) contents.insert(run.contents[i]);
    }
    return static_cast<int>(contents.size());
  }

  void choose_images(Edits& edits, const std::vector<int>& ids, const SmallRun& run) {
    std::set<ContentId> seen;
    for (size_t i = 0; i < run.names.size(); ++i) {
      const size_t choice = below(12);
      if (choice > 3 || !seen.insert(run.contents[i]).second) continue;
      if (choice == 0) edits.junk.insert(run.names[i]);
      if (choice == 1 || choice == 2) edits.keep.insert(run.names[i]);
      if (choice == 2 || choice == 3) edits.move[run.names[i]] = ids[below(ids.size())];
    }
  }

  std::mt19937 random_;
};

SmallRun run_with_copies(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int> cluster_of;
  for (int i = 0; i < 26; ++i) cluster_of.push_back(static_cast<int>(random() % 4));
  SmallRun run = small_run(5, cluster_of);
  for (int i = 0; i < 5; ++i) run.contents[random() % 26] = run.contents[random() % 26];
  return run;
}

void expect_slow_version(const SmallRun& run) {
  const EditedClusters now = run.now();
  for (size_t i = 0; i < run.names.size(); ++i) {
    ImageStory story{.content = run.contents[i], .cluster = run.cluster_of[i]};
    for (const AppliedEdits& edits : run.log) story.live(edits);
    EXPECT_EQ(now.cluster_of[i], story.cluster) << run.names[i];
    EXPECT_EQ(now.fixed[i], story.fixed) << run.names[i];
    EXPECT_EQ(now.junk[i], story.junk) << run.names[i];
    EXPECT_EQ(now.kept[i], story.kept) << run.names[i];
    EXPECT_TRUE(index_of(now.identities, now.cluster_of[i])) << run.names[i];
  }
  Names names;
  for (const ClusterIdentity& identity : now.identities) {
    EXPECT_TRUE(names.emplace(identity.id, identity.name).second) << identity.id;
  }
  EXPECT_EQ(names, slow_names(static_cast<int>(run.found.size()), run.log));
  EXPECT_TRUE(now.skipped.empty());
}

// The same images in another order and under other names.
void expect_same_after_renaming(const SmallRun& run) {
  SmallRun turned = run;
  std::ranges::reverse(turned.cluster_of);
  std::ranges::reverse(turned.contents);
  for (std::string& name : turned.names) name = "new/" + name;
  EditedClusters now = turned.now();
  std::ranges::reverse(now.cluster_of);
  std::reverse(now.fixed.begin(), now.fixed.end());
  std::reverse(now.junk.begin(), now.junk.end());
  std::reverse(now.kept.begin(), now.kept.end());
  EXPECT_EQ(now, run.now());
}

TEST(EditHistory, HoldsForRandomDocuments) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    SmallRun run = run_with_copies(seed);
    RandomEdits random(seed);
    std::set<int> used = {0, 1, 2, 3, 4};  // ids
    std::vector<EditedClusters> states = {run.now()};
    for (int step = 0; step < 12; ++step) {
      const Edits edits = random.next(run);
      EXPECT_EQ(parse_edits(edits_json(edits).dump(), "edits.json"), edits);
      run.log.push_back(prepare(edits, run.now(), run.names, run.contents, in_turn));
      for (const MadeCluster& made : run.log.back().made) {
        EXPECT_GT(made.id, *used.rbegin());
        used.insert(made.id);
      }
      expect_slow_version(run);
      expect_same_after_renaming(run);
      states.push_back(run.now());
      if (HasFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
    EXPECT_GT(used.size(), 6u);
    const TemporaryDirectory directory;
    write_edit_log(directory.path(), run.log);
    EXPECT_EQ(read_edit_log(directory.path()), run.log);
    while (undo(run.log)) {
      states.pop_back();
      EXPECT_EQ(run.now(), states.back());
    }
  }
}

}  // namespace
}  // namespace nolabel
