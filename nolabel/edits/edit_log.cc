#include "nolabel/edits/edit_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/path_text.h"
#include "nolabel/edits/cluster_identity.h"

namespace nolabel {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int format_version = 1;

json applied_json(const AppliedEdits& applied) {
  json contents = json::object(), made = json::array();
  for (const auto& [path, content] : applied.contents) {
    contents[path_to_json(path)] = content_text(content);
  }
  for (const MadeCluster& cluster : applied.made) {
    json list = json::array();
    for (const ContentId& content : cluster.contents) list.push_back(content_text(content));
    made.push_back({{"id", cluster.id}, {"from", cluster.from}, {"contents", std::move(list)}});
  }
  return {{"asked", edits_json(applied.asked)}, {"contents", contents}, {"made", made}};
}

ContentId read_content(const json& value, const JsonFile& file) {
  constexpr std::string_view wanted = "contents as 32 hexadecimal digits";
  const auto content = parse_content(file.text(value, wanted));
  file.require(content.has_value(), wanted, value);
  return *content;
}

MadeCluster read_made(const json& value, const JsonFile& file) {
  constexpr std::string_view wanted = "made as a list of objects with id, from and contents";
  file.object(value, {"id", "from", "contents"}, JsonFile::Keys::all, wanted);
  MadeCluster made{file.number(value["id"], 0, largest_cluster_id, wanted),
                   file.number(value["from"], 0, largest_cluster_id, wanted)};
  for (const json& content : file.list(value["contents"], wanted)) {
    made.contents.push_back(read_content(content, file));
  }
  return made;
}

// What replay() relies on.
void check(const AppliedEdits& applied, const JsonFile& file) {
  for (const std::string& path : paths_of(applied.asked)) {
    if (!applied.contents.contains(path)) {
      file.refuse("the content of every path", format("none of {}", shown_text(path)));
    }
  }
  size_t parts = 0;
  for (const auto& [cluster, into] : applied.asked.split) {
    const auto made = std::ranges::count(applied.made, cluster, &MadeCluster::from);
    parts += static_cast<size_t>(made);
    if (made == into - 1) continue;
    file.refuse(format("the {} clusters that were made from cluster {}", into - 1, cluster),
                format("{}", made));
  }
  if (parts != applied.made.size()) file.refuse("in made only parts of a split", "others");
}

AppliedEdits read_applied(const json& value, const JsonFile& file) {
  constexpr std::string_view wanted = "edits as a list of objects with asked, contents and made";
  file.object(value, {"asked", "contents", "made"}, JsonFile::Keys::all, wanted);
  AppliedEdits applied{.asked = edits_from_json(value["asked"], file)};
  file.require(value["contents"].is_object(), "contents by path", value["contents"]);
  for (const auto& [path, content] : value["contents"].items()) {
    applied.contents[file.path(path, "contents by path")] = read_content(content, file);
  }
  for (const json& made : file.list(value["made"], "made as a list")) {
    applied.made.push_back(read_made(made, file));
  }
  check(applied, file);
  return applied;
}

}  // namespace

fs::path edit_log_file(const fs::path& run) {
  return run / "edit-log.json";
}

std::vector<AppliedEdits> read_edit_log(const fs::path& run) {
  const fs::path path = edit_log_file(run);
  if (!fs::exists(path)) return {};
  const JsonFile file(path, Fault::data);
  const json root = file.parse(read_file(path));
  constexpr std::string_view wanted = "an object with format and edits";
  file.require(root.is_object() && root.contains("format"), wanted, root);
  const int version = file.number(root["format"], 1, INT32_MAX, "format as a whole number from 1");
  if (version > format_version) {
    fail_usage("{} was written by a newer version of nolabel (format {}). This one reads up to {}.",
               path.string(), version, format_version);
  }
  file.object(root, {"format", "edits"}, JsonFile::Keys::all, wanted);
  std::vector<AppliedEdits> log;
  std::set<int> made;
  for (const json& applied : file.list(root["edits"], "edits as a list")) {
    log.push_back(read_applied(applied, file));
    for (const MadeCluster& cluster : log.back().made) {
      file.require(made.insert(cluster.id).second, "each cluster made once", cluster.id);
    }
  }
  return log;
}

void write_edit_log(const fs::path& run, const std::vector<AppliedEdits>& log) {
  json edits = json::array();
  for (const AppliedEdits& applied : log) edits.push_back(applied_json(applied));
  const json root = {{"format", format_version}, {"edits", std::move(edits)}};
  write_file(edit_log_file(run), root.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

bool undo(std::vector<AppliedEdits>& log) {
  if (log.empty()) return false;
  log.pop_back();
  return true;
}

}  // namespace nolabel
