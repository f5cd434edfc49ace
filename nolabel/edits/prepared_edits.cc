#include "nolabel/edits/prepared_edits.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr size_t clusters_shown = 10;

class ClusterCheck {
 public:
  ClusterCheck(const EditedClusters& now, const std::string& file) : file_(file) {
    for (const ClusterIdentity& identity : now.identities) ids_.insert(identity.id);
  }

  // does: "names", as in "edits.json names cluster 12".
  void require(int id, const char* does) const {
    if (ids_.contains(id)) return;
    std::string shown;
    size_t count = 0;
    for (const int existing : ids_) {
      if (count == clusters_shown) break;
      shown += format(count++ == 0 ? "{}" : ", {}", existing);
    }
    fail_usage("{} {} cluster {}, but the run has the clusters {}{}.", file_, does, id, shown,
               ids_.size() > clusters_shown ? " …" : "");
  }

 private:
  const std::string& file_;
  std::set<int> ids_;
};

void check_clusters(const Edits& edits, const ClusterCheck& check) {
  for (const std::vector<int>& group : edits.merge) {
    for (const int id : group) check.require(id, "merges");
  }
  for (const auto& [id, into] : edits.split) check.require(id, "splits");
  for (const auto& [path, id] : edits.move) check.require(id, "moves images to");
  for (const auto& [id, name] : edits.names) check.require(id, "names");
}

std::map<std::string, ContentId> contents_of(const Edits& edits,
                                             const std::vector<std::string>& names,
                                             const std::vector<ContentId>& contents,
                                             const std::string& file) {
  std::unordered_map<std::string_view, size_t> index;
  for (size_t i = 0; i < names.size(); ++i) index.emplace(names[i], i);
  std::map<std::string, ContentId> result;
  const auto add = [&](const std::string& path, const char* does) {
    const auto found = index.find(path);
    if (found == index.end()) {
      fail_usage("{} {} {}, but the run has no image of this path.", file, does, shown_text(path));
    }
    result[path] = contents[found->second];
  };
  for (const auto& [path, to] : edits.move) add(path, "moves");
  for (const std::string& path : edits.junk) add(path, "marks as junk");
  for (const std::string& path : edits.keep) add(path, "keeps");
  return result;
}

// The document knows paths, and two of them may be the same image.
void refuse_contradicting_copies(const Edits& edits,
                                 const std::map<std::string, ContentId>& contents,
                                 const std::string& file) {
  std::map<ContentId, const std::string*> junk;
  for (const std::string& path : edits.junk) junk.emplace(contents.at(path), &path);
  const auto refuse_junk = [&](const std::string& path, const char* does) {
    const auto copy = junk.find(contents.at(path));
    if (copy == junk.end()) return;
    fail_usage("{} {} {} and marks {} as junk, but these images are identical.", file, does,
               shown_text(path), shown_text(*copy->second));
  };
  std::map<ContentId, const std::string*> moved;
  for (const auto& [path, to] : edits.move) {
    refuse_junk(path, "moves");
    const std::string& other = *moved.emplace(contents.at(path), &path).first->second;
    if (edits.move.at(other) == to) continue;
    fail_usage("{} moves {} and {} to different clusters, but these images are identical.", file,
               shown_text(other), shown_text(path));
  }
  for (const std::string& path : edits.keep) refuse_junk(path, "keeps");
}

// One part of a cluster that is split.
struct Part {
  int64_t images = 0, first = 0;  // images: with copies
  std::vector<ContentId> contents;
};

// Of cluster `from`, the largest first.
std::vector<Part> parts_of(int from, int into, const EditedClusters& now,
                           const std::vector<ContentId>& contents, const SplitImages& split,
                           const std::string& file) {
  std::vector<int64_t> images;  // the first of each content
  std::map<ContentId, int64_t> copies;
  for (int64_t i = 0; i < std::ssize(contents); ++i) {
    if (now.cluster_of[i] != from || now.junk[i]) continue;
    if (++copies[contents[i]] == 1) images.push_back(i);
  }
  if (std::ssize(images) < into) {
    fail_usage("{} splits cluster {} into {}, but the cluster has only {} different images.", file,
               from, into, images.size());
  }
  const std::vector<int> part_of = split(from, images, into);
  NOLABEL_ASSERT(part_of.size() == images.size());
  std::vector<Part> parts(into);
  for (size_t i = 0; i < images.size(); ++i) {
    NOLABEL_ASSERT(part_of[i] >= 0 && part_of[i] < into);
    Part& part = parts[part_of[i]];
    if (part.images == 0) part.first = images[i];
    part.images += copies[contents[images[i]]];
    part.contents.push_back(contents[images[i]]);
  }
  std::ranges::sort(parts, {},
                    [](const Part& part) { return std::tuple(-part.images, part.first); });
  if (parts.back().images == 0) {
    fail_usage("{} splits cluster {} into {}, but its images are too alike for so many parts.",
               file, from, into);
  }
  return parts;
}

}  // namespace

AppliedEdits prepare(const Edits& edits, const EditedClusters& now,
                     const std::vector<std::string>& names, const std::vector<ContentId>& contents,
                     const SplitImages& split, const std::filesystem::path& path) {
  NOLABEL_ASSERT(names.size() == contents.size() && names.size() == now.cluster_of.size());
  const std::string file = path.string();
  check_clusters(edits, ClusterCheck(now, file));
  AppliedEdits applied{.asked = edits, .contents = contents_of(edits, names, contents, file)};
  refuse_contradicting_copies(edits, applied.contents, file);
  int next_id = now.next_id;
  for (const auto& [cluster, into] : edits.split) {
    std::vector<Part> parts = parts_of(cluster, into, now, contents, split, file);
    for (size_t i = 1; i < parts.size(); ++i) {
      applied.made.push_back({next_id++, cluster, std::move(parts[i].contents)});
    }
  }
  return applied;
}

}  // namespace nolabel
