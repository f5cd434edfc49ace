#include "nolabel/edits/edited_clusters.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/edits/images_by_content.h"

namespace nolabel {
namespace {

int above_all_ids(const std::vector<ClusterIdentity>& found, const std::vector<AppliedEdits>& log) {
  int next = next_free_id(found);
  const auto see = [&next](int id) { next = std::max(next, id + 1); };
  for (const AppliedEdits& applied : log) {
    for (const auto& [id, name] : applied.asked.names) see(id);
    for (const auto& group : applied.asked.merge) std::ranges::for_each(group, see);
    for (const auto& [id, into] : applied.asked.split) see(id);
    for (const auto& [path, id] : applied.asked.move) see(id);
    for (const MadeCluster& made : applied.made) see(made.id);
  }
  return next;
}

class Replay {
 public:
  Replay(EditedClusters start, const ImagesByContent& images)
      : clusters_(std::move(start)), images_(images) {}

  void apply(const AppliedEdits& applied) {
    ++number_;
    merge(applied.asked);
    split(applied.made);
    move(applied);
    mark(applied);
    name(applied.asked.names);
  }

  EditedClusters result() && { return std::move(clusters_); }

 private:
  void merge(const Edits& asked) {
    survivor_.clear();
    for (const std::vector<int>& group : asked.merge) {
      const auto missing = std::ranges::find_if(group, [&](int id) { return !exists(id); });
      if (missing != group.end()) {
        skip(format("merges {}", cluster_list(group)), *missing);
        continue;
      }
      ClusterIdentity& merged = identity(group[0]);
      merged.name = merged_name(group, asked.names);
      merged.origin = cluster_list(group) + " merged";
      for (size_t i = 1; i < group.size(); ++i) survivor_[group[i]] = group[0];
    }
    if (survivor_.empty()) return;
    std::erase_if(clusters_.identities,
                  [&](const ClusterIdentity& identity) { return survivor_.contains(identity.id); });
    for (int& cluster : clusters_.cluster_of) cluster = after_merges(cluster);
  }

  // A name that the document takes away does not count, and one that it gives counts first. The
  // name for group[0] is left to name().
  std::string merged_name(const std::vector<int>& group, const std::map<int, std::string>& given) {
    for (const int id : group) {
      const auto name = given.find(id);
      if (name != given.end() && !name->second.empty()) return name->second;
    }
    for (const int id : group) {
      if (!given.contains(id) && !identity(id).name.empty()) return identity(id).name;
    }
    return "";
  }

  void split(const std::vector<MadeCluster>& made) {
    for (const MadeCluster& part : made) {
      if (!exists(part.from)) {
        skip(format("splits cluster {}", part.from), part.from);
      } else if (exists(part.id)) {
        clusters_.skipped.push_back(
            format("Edit {} makes cluster {} from cluster {}, but the run has found another "
                   "cluster {}.",
                   number_, part.id, part.from, part.id));
      } else {
        clusters_.identities.push_back({part.id, "", format("split from cluster {}", part.from)});
        for (const ContentId& content : part.contents) {
          for (const int64_t i : images_.of(content)) {
            if (clusters_.cluster_of[i] == part.from) clusters_.cluster_of[i] = part.id;
          }
        }
      }
    }
  }

  void move(const AppliedEdits& applied) {
    std::map<int, size_t> not_moved;  // paths by cluster
    for (const auto& [path, asked] : applied.asked.move) {
      const int to = after_merges(asked);
      if (!exists(to)) {
        ++not_moved[to];
        continue;
      }
      for (const int64_t i : images_of(path, applied)) {
        clusters_.cluster_of[i] = to;
        clusters_.fixed[i] = true;
        clusters_.junk[i] = clusters_.kept[i] = false;
      }
    }
    for (const auto& [to, paths] : not_moved) {
      skip(format("moves {} to cluster {}", image_count(paths), to), to);
    }
  }

  void mark(const AppliedEdits& applied) {
    for (const std::string& path : applied.asked.junk) {
      for (const int64_t i : images_of(path, applied)) {
        clusters_.junk[i] = true;
        clusters_.kept[i] = false;
      }
    }
    for (const std::string& path : applied.asked.keep) {
      for (const int64_t i : images_of(path, applied)) {
        clusters_.junk[i] = false;
        clusters_.kept[i] = true;
      }
    }
  }

  void name(const std::map<int, std::string>& names) {
    for (const auto& [id, name] : names) {
      if (survivor_.contains(id)) continue;  // merged_name() has seen it
      if (exists(id)) {
        identity(id).name = name;
      } else {
        skip(format("names cluster {}", id), id);
      }
    }
  }

  bool exists(int id) const { return index_of(clusters_.identities, id).has_value(); }
  ClusterIdentity& identity(int id) {
    return clusters_.identities[index_of(clusters_.identities, id).value()];
  }
  int after_merges(int id) const {
    const auto found = survivor_.find(id);
    return found == survivor_.end() ? id : found->second;
  }
  std::span<const int64_t> images_of(const std::string& path, const AppliedEdits& applied) const {
    return images_.of(applied.contents.at(path));
  }
  void skip(const std::string& what, int missing) {
    clusters_.skipped.push_back(
        format("Edit {} {}, but the run no longer has cluster {}.", number_, what, missing));
  }

  EditedClusters clusters_;
  const ImagesByContent& images_;
  std::map<int, int> survivor_;  // of the clusters that this document merged away
  size_t number_ = 0;            // of the document, from 1
};

}  // namespace

EditedClusters replay(const std::vector<ClusterIdentity>& found, const std::vector<int>& cluster_of,
                      const std::vector<ContentId>& contents,
                      const std::vector<AppliedEdits>& log) {
  NOLABEL_ASSERT(cluster_of.size() == contents.size());
  const std::vector<bool> none(contents.size(), false);
  const ImagesByContent images(contents);
  Replay replay({.identities = found,
                 .cluster_of = cluster_of,
                 .fixed = none,
                 .junk = none,
                 .kept = none,
                 .next_id = above_all_ids(found, log)},
                images);
  for (const AppliedEdits& applied : log) replay.apply(applied);
  return std::move(replay).result();
}

}  // namespace nolabel
