#include "nolabel/zoo/manifest.h"

#include <algorithm>
#include <array>
#include <limits>

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

// What JSON's library would round or convert is refused: 1.5, true, 1e300.
int64_t count_of(const json& object, const char* key, int64_t most) {
  const json& value = object.at(key);
  const bool whole = value.is_number_unsigned() && value.get<uint64_t>() >= 1 &&
                     value.get<uint64_t>() <= static_cast<uint64_t>(most);
  if (!whole) {
    fail_data("{} must be a whole number from 1 to {}. Received {}.", key, most, value.dump());
  }
  return value.get<int64_t>();
}

double number_of(const json& object, const char* key) {
  const json& value = object.at(key);
  if (!value.is_number()) fail_data("{} must be a number. Received {}.", key, value.dump());
  return value.get<double>();
}

std::string text_of(const json& object, const char* key) {
  const json& value = object.at(key);
  if (!value.is_string()) fail_data("{} must be a text. Received {}.", key, value.dump());
  return value.get<std::string>();
}

ZooFile read_zoo_file(const json& value) {
  ZooFile file{.name = text_of(value, "file"),
               .bytes = count_of(value, "bytes", std::numeric_limits<int64_t>::max()),
               .sha256 = text_of(value, "sha256")};
  if (file.name.empty() || file.name.front() == '.' || file.name.find('/') != file.name.npos) {
    fail_data("a file must be named without a folder. Received {}.", file.name);
  }
  if (file.sha256.size() != 64 ||
      file.sha256.find_first_not_of("0123456789abcdef") != file.sha256.npos) {
    fail_data("{} must have a SHA-256 of 64 small hexadecimal digits.", file.name);
  }
  return file;
}

json read_network(const json& value) {
  constexpr int most = std::numeric_limits<int>::max();
  text_of(value, "backbone");
  count_of(value, "image_size", most);
  for (const char* key : {"width", "clusters"}) {
    if (value.contains(key)) count_of(value, key, most);
  }
  if (value.contains("projection")) text_of(value, "projection");
  return value;
}

// A figure may be null, where it was not finite.
void require_figure(const json& object, const std::string& key) {
  const json& value = object.at(key);
  if (value.is_number() || value.is_null()) return;
  fail_data("{} must be a number. Received {}.", key, value.dump());
}

json read_metrics(const json& value) {
  count_of(value, "images", std::numeric_limits<int64_t>::max());
  text_of(value, "data");
  for (const char* key : {"ACC", "NMI", "AMI", "ARI", "top5"}) {
    if (value.contains(key)) require_figure(value, key);
  }
  if (!value.contains("neighbor_accuracy")) return value;
  const json& accuracy = value["neighbor_accuracy"];
  if (!accuracy.is_object()) {
    fail_data("neighbor_accuracy must be an object. Received {}.", accuracy.dump());
  }
  for (const auto& [key, unused] : accuracy.items()) require_figure(accuracy, key);
  return value;
}

std::optional<ZooRepeats> read_repeats(const json& entry) {
  if (!entry.contains("repeats")) return std::nullopt;
  const json& value = entry["repeats"];
  ZooRepeats repeats{.seeds = value.at("seeds").get<std::vector<std::string>>().size(),
                     .spreads = {}};
  for (const char* figure : {"ACC", "NMI", "ARI"}) {
    if (!value.contains(figure)) continue;
    const json& spread = value[figure];
    repeats.spreads.push_back({figure, number_of(spread, "mean"), number_of(spread, "std")});
  }
  return repeats;
}

ZooOrigin read_origin(const json& entry) {
  const json& data = entry.at("data");
  const json& recipe = entry.at("recipe");
  return {.trained_on = text_of(data, "trained_on"),
          .source = text_of(data, "source"),
          .terms = text_of(data, "terms"),
          .commands = recipe.at("commands").get<std::vector<std::string>>(),
          .seed = text_of(recipe, "seed"),
          .program = text_of(entry, "program"),
          .licence = text_of(entry, "licence"),
          .notes = entry.contains("notes") ? text_of(entry, "notes") : ""};
}

ZooEntry read_entry(const json& value) {
  ZooEntry entry{.name = text_of(value, "name"),
                 .kind = text_of(value, "kind"),
                 .summary = text_of(value, "summary"),
                 .file = read_zoo_file(value),
                 .head = {},
                 .network = read_network(value.at("network")),
                 .metrics = read_metrics(value.at("metrics")),
                 .repeats = read_repeats(value),
                 .origin = read_origin(value),
                 .json = value};
  require_entry_name(entry.name);
  if (std::ranges::find(kinds, entry.kind) == kinds.end()) {
    fail_data("kind must be pretext, scan or selflabel. Received {}.", entry.kind);
  }
  if (value.contains("head")) {
    entry.head = ZooHead{text_of(value["head"], "on"), read_zoo_file(value["head"])};
  }
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
    manifest.tolerance = number_of(root, "tolerance");
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
  fail_system(
      "the zoo's list zoo.json is not installed (looked in {}). Name the list with --manifest.",
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
             nearest ? ". Did you mean " + *nearest + "?" : std::string("."));
}

std::optional<fs::path> shipped_file(const ZooManifest& manifest, const std::string& name) {
  const fs::path folder = fs::absolute(manifest.file).parent_path();
  for (const fs::path& place : {folder, folder.parent_path(), folder.parent_path() / "examples"}) {
    if (fs::is_regular_file(place / name)) return place / name;
  }
  return std::nullopt;
}

}  // namespace nolabel
