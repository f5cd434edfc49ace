#include "nolabel/zoo/manifest.h"

#include <algorithm>
#include <array>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/config/schema.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int format_version = 1;
constexpr std::array kinds{"pretext", "scan", "selflabel"};

ZooFile read_zoo_file(const json& value) {
  ZooFile file{value.at("file"), value.at("bytes"), value.at("sha256")};
  if (file.name.empty() || file.name.front() == '.' || file.name.find('/') != file.name.npos) {
    fail_data("a file must be named without a folder. Received {}.", file.name);
  }
  if (file.bytes <= 0 || file.sha256.size() != 64 ||
      file.sha256.find_first_not_of("0123456789abcdef") != file.sha256.npos) {
    fail_data("{} must have its size and a SHA-256 of 64 small hexadecimal digits.", file.name);
  }
  return file;
}

ZooEntry read_entry(const json& value) {
  ZooEntry entry{.name = value.at("name"),
                 .kind = value.at("kind"),
                 .summary = value.at("summary"),
                 .file = read_zoo_file(value),
                 .head = {},
                 .network = value.at("network"),
                 .metrics = value.at("metrics"),
                 .json = value};
  require_entry_name(entry.name);
  if (std::ranges::find(kinds, entry.kind) == kinds.end()) {
    fail_data("kind must be pretext, scan or selflabel. Received {}.", entry.kind);
  }
  if (value.contains("head")) {
    entry.head = ZooHead{value["head"].at("on"), read_zoo_file(value["head"])};
  }
  // What the tables and the page show.
  for (const char* key : {"licence", "program"}) value.at(key).get<std::string>();
  for (const char* key : {"trained_on", "source", "terms"}) {
    value.at("data").at(key).get<std::string>();
  }
  value.at("recipe").at("commands").get<std::vector<std::string>>();
  value.at("recipe").at("seed").get<std::string>();
  entry.metrics.at("images").get<int64_t>();
  return entry;
}

// A head's backbone is an entry before it with a file of its own.
void check_backbone(const ZooManifest& manifest, const ZooEntry& entry) {
  if (!entry.head) return;
  const auto on = std::ranges::find(manifest.entries, entry.head->on, &ZooEntry::name);
  if (on == manifest.entries.end() || on->head) {
    fail_data("head.on must be an entry before it with a backbone of its own. Received {}.",
              entry.head->on);
  }
}

}  // namespace

ZooManifest read_manifest(const fs::path& file) {
  const json root = json::parse(read_file(file), nullptr, false);
  ZooManifest manifest;
  manifest.file = file;
  std::string where = "the list";
  try {
    if (root.at("format") != format_version) {
      fail_data("its format must be {}. Received {}.", format_version, root.at("format").dump());
    }
    manifest.tolerance = root.at("tolerance");
    for (const json& value : root.at("entries")) {
      where = value.at("name").get<std::string>();
      ZooEntry entry = read_entry(value);
      if (std::ranges::find(manifest.entries, entry.name, &ZooEntry::name) !=
          manifest.entries.end()) {
        fail_data("there are two entries of this name.");
      }
      check_backbone(manifest, entry);
      manifest.entries.push_back(std::move(entry));
    }
  } catch (const json::exception& error) {
    fail_data("{}: {}: a key is missing or of a wrong type ({})", file.string(), where,
              error.what());
  } catch (const Error& error) {
    fail_data("{}: {}: {}", file.string(), where, error.what());
  }
  return manifest;
}

void require_entry_name(const std::string& name) {
  constexpr const char* allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (!name.empty() && name.find_first_not_of(allowed) == name.npos) return;
  fail_data("an entry's name must be of a-z, 0-9 and -. Received \"{}\".", name);
}

fs::path shipped_manifest() {
  std::string places;
  for (const fs::path& folder : code_folders()) {
    for (const fs::path& place :
         {folder.parent_path() / "share" / "nolabel" / "zoo", folder.parent_path() / "zoo"}) {
      if (fs::exists(place / "zoo.json")) return place / "zoo.json";
      places += (places.empty() ? "" : ", ") + place.string();
    }
  }
  fail_system("the zoo's list zoo.json is not installed (looked in {}). --manifest may name it.",
              places);
}

const ZooEntry& find_entry(const ZooManifest& manifest, const std::string& name) {
  std::vector<std::string> names;
  for (const ZooEntry& entry : manifest.entries) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  const auto nearest = nearest_name(name, names);
  fail_usage("the zoo has no {}{} `nolabel zoo list` shows what it has.", "\"" + name + "\"",
             nearest ? ", did you mean " + *nearest + "?" : std::string("."));
}

std::optional<fs::path> shipped_file(const ZooManifest& manifest, const std::string& name) {
  const fs::path folder = fs::absolute(manifest.file).parent_path();
  for (const fs::path& place : {folder, folder.parent_path(), folder.parent_path() / "examples"}) {
    if (fs::is_regular_file(place / name)) return place / name;
  }
  return std::nullopt;
}

}  // namespace nolabel
