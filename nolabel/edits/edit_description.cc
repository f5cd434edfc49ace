#include "nolabel/edits/edit_description.h"

#include <algorithm>

#include "nolabel/base/format.h"

namespace nolabel {
namespace {

constexpr size_t paths_shown = 3;

// "cluster 2 'cats'"
std::string with_name(int id, const std::vector<ClusterIdentity>& identities) {
  const auto index = index_of(identities, id);
  if (!index || identities[*index].name.empty()) return format("cluster {}", id);
  return format("cluster {} '{}'", id, identities[*index].name);
}

// "(a.jpg, b.jpg, c.jpg …)"
template <class Paths>
std::string some_paths(const Paths& paths) {
  std::string text;
  size_t count = 0;
  for (const std::string& path : paths) {
    if (count == paths_shown) break;
    text += format(count++ == 0 ? "{}" : ", {}", shown_text(path));
  }
  return format("({}{})", text, paths.size() > paths_shown ? " …" : "");
}

std::string are(size_t images) {
  return image_count(images) + (images == 1 ? " is" : " are");
}

std::vector<std::string> lines_of(const AppliedEdits& applied,
                                  const std::vector<ClusterIdentity>& identities) {
  const Edits& asked = applied.asked;
  std::vector<std::string> lines;
  for (const std::vector<int>& group : asked.merge) {
    lines.push_back(
        format("{} are merged into {}", cluster_list(group), with_name(group[0], identities)));
  }
  for (const auto& [cluster, into] : asked.split) {
    std::vector<int> parts = {cluster};
    for (const MadeCluster& made : applied.made) {
      if (made.from == cluster) parts.push_back(made.id);
    }
    lines.push_back(format("cluster {} is split into {}", cluster, cluster_list(parts)));
  }
  std::map<int, std::vector<std::string>> moved;
  for (const auto& [path, to] : asked.move) moved[to].push_back(path);
  for (const auto& [to, paths] : moved) {
    lines.push_back(format("moved {} to {} {}", image_count(paths.size()),
                           with_name(to, identities), some_paths(paths)));
  }
  if (!asked.junk.empty()) {
    lines.push_back(format("{} junk {}", are(asked.junk.size()), some_paths(asked.junk)));
  }
  if (!asked.keep.empty()) {
    lines.push_back(format("{} fine in place {}", are(asked.keep.size()), some_paths(asked.keep)));
  }
  for (const auto& [id, name] : asked.names) {
    lines.push_back(name.empty() ? format("cluster {} has no name", id)
                                 : format("cluster {} is named {}", id, name));
  }
  return lines;
}

}  // namespace

std::vector<std::string> describe_edits(const std::vector<AppliedEdits>& log,
                                        const std::vector<ClusterIdentity>& identities) {
  std::vector<std::string> text;
  for (size_t i = 0; i < log.size(); ++i) {
    std::vector<std::string> lines = lines_of(log[i], identities);
    if (lines.empty()) lines.emplace_back("nothing is edited");
    const std::string number = format("{}. ", i + 1);
    for (size_t j = 0; j < lines.size(); ++j) {
      text.push_back((j == 0 ? number : std::string(number.size(), ' ')) + lines[j]);
    }
  }
  return text;
}

}  // namespace nolabel
