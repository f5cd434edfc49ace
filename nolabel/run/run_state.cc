#include "nolabel/run/run_state.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

// Files without a number are of versions before it was written.
constexpr int format_version = 2;
// Reads values that may be missing or null, and says which one is not what nolabel writes.
class Reader {
 public:
  Reader(const json& object, const fs::path& file) : object_(object), file_(file) {}

  template <class T>
  void read(const char* key, T& target, const char* what) const {
    if (!has(key)) return;
    try {
      target = object_.at(key).get<T>();
    } catch (const json::exception&) {
      fail_data("{} must have {} as {}. Received {}.", file_.string(), key, what,
                object_.at(key).dump(-1, ' ', false, json::error_handler_t::replace));
    }
  }

  // Throws Error(Fault::data) unless the value that was read is `valid`.
  void require(bool valid, const char* key, const char* what) const {
    if (valid) return;
    fail_data("{} must have {} as {}. Received {}.", file_.string(), key, what,
              object_.at(key).dump(-1, ' ', false, json::error_handler_t::replace));
  }

  // A whole number that is not negative.
  int count(const char* key) const {
    int value = 0;
    read(key, value, "a whole number");
    require(value >= 0, key, "a whole number from 0");
    return value;
  }

  std::string text(const char* key) const {
    std::string value;
    read(key, value, "a text");
    return value;
  }

  bool has(const char* key) const { return object_.contains(key) && !object_.at(key).is_null(); }
  const json& at(const char* key) const { return object_.at(key); }

 private:
  const json& object_;
  const fs::path& file_;
};

// The value of a setting, as versions before format 2 wrote it (a text) or as it is.
std::string setting_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void read_images(const Reader& reader, DataSettings& images, const fs::path& file) {
  Schema schema;
  declare(schema, images);
  for (const char* name : remembered_data_settings) {
    if (!reader.has(name)) continue;
    try {
      schema.set(name, setting_text(reader.at(name)), file.string());
    } catch (const Error& error) {
      throw Error(Fault::data, error.what());
    }
  }
}

std::optional<NormalizeSettings> read_normalize(const Reader& reader) {
  if (!reader.has("normalize")) return std::nullopt;
  constexpr const char* wanted = "mean and std, three numbers each";
  std::map<std::string, std::vector<float>> lists;
  reader.read("normalize", lists, wanted);
  reader.require(lists["mean"].size() == 3 && lists["std"].size() == 3, "normalize", wanted);
  return NormalizeSettings{lists["mean"], lists["std"]};
}

std::optional<KnownProgram> read_program(const Reader& reader) {
  constexpr const char *key = "backbone_program", *wanted = "sha256, a text, and width, from 1";
  if (!reader.has(key)) return std::nullopt;
  const json& object = reader.at(key);
  const bool has_both = object.is_object() && object.contains("sha256") &&
                        object.at("sha256").is_string() && object.contains("width") &&
                        object.at("width").is_number_integer() && object.at("width") > 0;
  reader.require(has_both, key, wanted);
  return KnownProgram{object.at("sha256").get<std::string>(), object.at("width").get<int>()};
}

std::optional<RunState::Backbone::Start> read_start(const Reader& reader) {
  if (!reader.has("backbone_start")) return std::nullopt;
  constexpr const char *key = "backbone_start", *wanted = "file, a text, and image_size, from 0";
  const json& object = reader.at(key);
  const bool has_both = object.is_object() && object.contains("file") &&
                        object.at("file").is_string() && object.contains("image_size") &&
                        object.at("image_size").is_number_integer() && object.at("image_size") >= 0;
  reader.require(has_both, key, wanted);
  return RunState::Backbone::Start{path_from_json(object.at("file").get<std::string>()).string(),
                                   object.at("image_size").get<int>()};
}

std::optional<RunState::ClusterRange> read_cluster_range(const Reader& reader) {
  if (!reader.has("clusters_range")) return std::nullopt;
  constexpr const char* wanted = "two whole numbers, the smaller one first";
  std::vector<int> range;
  reader.read("clusters_range", range, wanted);
  reader.require(range.size() == 2 && 0 < range[0] && range[0] <= range[1], "clusters_range",
                 wanted);
  return RunState::ClusterRange{range[0], range[1]};
}

std::optional<ClusterStage> read_final(const Reader& reader, const fs::path& file) {
  const std::string name = reader.text("final");
  if (name.empty()) return std::nullopt;
  if (const auto stage = cluster_stage(name)) return stage;
  fail_data("{} must have the name of a clustering stage as final, such as scan. Received {}.",
            file.string(), name);
}

// Names as versions before identities wrote them.
void read_cluster_names(const Reader& reader, RunState& state, const fs::path& file) {
  std::map<std::string, std::string> names;
  reader.read("cluster_names", names, "texts by the number of the cluster");
  for (const auto& [text, name] : names) {
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) {
      fail_data("{} must have cluster_names by the number of the cluster. Received {}.",
                file.string(), text);
    }
    for (int id = static_cast<int>(state.identities.size()); id <= number; ++id) {
      state.identities.push_back(found_cluster(id));
    }
    state.identities[number].name = name;
  }
}

void read_identities(const Reader& reader, RunState& state, const fs::path& file) {
  if (reader.has("identities")) {
    state.identities = identities_from_json(reader.at("identities"), file);
  } else {
    for (int id = 0; id < state.clusters; ++id) state.identities.push_back(found_cluster(id));
    read_cluster_names(reader, state, file);
  }
  if (!reader.has("found")) return;
  const json& found = reader.at("found");
  reader.require(found.is_object() && found.contains("stage") && found["stage"].is_string() &&
                     found.contains("identities"),
                 "found", "stage and identities");
  const auto stage = cluster_stage(found["stage"].get<std::string>());
  reader.require(stage.has_value(), "found", "the name of a clustering stage");
  reader.require(!found.contains("waiting") || found["waiting"].is_string(), "found",
                 "waiting as a text");
  state.found = RunState::Found{.stage = *stage,
                                .identities = identities_from_json(found["identities"], file),
                                .waiting = found.value("waiting", "")};
}

json paths_to_json(const std::vector<fs::path>& paths) {
  json list = json::array();
  for (const fs::path& path : paths) list.push_back(path_to_json(path));
  return list;
}

}  // namespace

const char* stage_name(ClusterStage stage) {
  switch (stage) {
    case ClusterStage::kmeans:
      return "kmeans";
    case ClusterStage::consensus:
      return "consensus";
    case ClusterStage::communities:
      return "communities";
    case ClusterStage::scan:
      return "scan";
    case ClusterStage::edited:
      return "edited";
    case ClusterStage::selflabel:
      return "selflabel";
  }
  return "";
}

std::optional<ClusterStage> cluster_stage(const std::string& name) {
  if (name == stage_name(ClusterStage::edited)) return ClusterStage::edited;
  for (const ClusterStage stage : all_cluster_stages) {
    if (name == stage_name(stage)) return stage;
  }
  return std::nullopt;
}

json to_json(const RunState& state) {
  json object = {{"format", format_version}};
  if (!state.data.empty()) {
    object["data"] = paths_to_json(state.data);
    DataSettings images = state.images;
    Schema schema;
    declare(schema, images);
    const json values = schema.values();
    for (const char* name : remembered_data_settings) object[name] = values.at(name);
  }
  if (state.root) object["root"] = path_to_json(*state.root);
  if (!state.features.empty()) {
    object["features"] = path_to_json(state.features);
    if (!state.paths.empty()) object["paths"] = path_to_json(state.paths);
    object["hold_out"] = state.images.hold_out;
    object["split_seed"] = state.images.split_seed;
  }
  if (state.seed) object["seed"] = *state.seed;
  if (!state.precision.empty()) object["precision"] = state.precision;
  const RunState::Backbone& backbone = state.backbone;
  if (!backbone.name.empty()) object["backbone_file"] = path_to_json(backbone.name);
  if (!backbone.origin.empty()) object["backbone"] = backbone.origin;
  if (!backbone.hash.empty()) object["backbone_hash"] = backbone.hash;
  if (!backbone.warning.empty()) object["backbone_warning"] = backbone.warning;
  if (backbone.image_size > 0) object["image_size"] = backbone.image_size;
  if (backbone.normalize) {
    object["normalize"] = {{"mean", backbone.normalize->mean}, {"std", backbone.normalize->std}};
  }
  if (backbone.program) {
    object["backbone_program"] = {{"sha256", backbone.program->sha256},
                                  {"width", backbone.program->dimensions}};
  }
  if (backbone.start) {
    object["backbone_start"] = {{"file", path_to_json(backbone.start->name)},
                                {"image_size", backbone.start->image_size}};
  }
  if (state.clusters > 0) object["clusters"] = state.clusters;
  if (state.cluster_range) {
    object["clusters_range"] = {state.cluster_range->low, state.cluster_range->high};
  }
  if (!state.effort.empty()) object["effort"] = state.effort;
  if (!state.method.empty()) object["method"] = state.method;
  if (state.final_stage) object["final"] = stage_name(*state.final_stage);
  if (!state.choice.empty()) object["choice"] = state.choice;
  if (!state.warnings.empty()) object["warnings"] = state.warnings;
  if (state.next_cluster_id > 0) object["next_cluster_id"] = state.next_cluster_id;
  if (!state.identities.empty()) object["identities"] = identities_json(state.identities);
  if (state.found) {
    object["found"] = {{"stage", stage_name(state.found->stage)},
                       {"identities", identities_json(state.found->identities)}};
    if (!state.found->waiting.empty()) object["found"]["waiting"] = state.found->waiting;
  }
  if (!state.assigned_data.empty()) object["assigned_data"] = state.assigned_data;
  if (!state.drift_warning.empty()) object["drift_warning"] = state.drift_warning;
  return object;
}

RunState run_state_from_json(const json& object, const fs::path& file) {
  if (!object.is_object()) fail_data("{} must be a JSON object. It is not.", file.string());
  const Reader reader(object, file);
  int format = 1;
  reader.read("format", format, "a whole number");
  if (format > format_version) {
    fail_usage("{} was written by a newer version of nolabel (format {}). This one reads up to {}.",
               file.string(), format, format_version);
  }
  RunState state;
  std::vector<std::string> data;
  reader.read("data", data, "a list of texts");
  // Before near-duplicates were grouped, every image trained.
  if (!data.empty()) state.images.duplicates = Duplicates::keep;
  for (const std::string& path : data) state.data.push_back(path_from_json(path));
  if (reader.has("root")) state.root = path_from_json(reader.text("root"));
  state.features = path_from_json(reader.text("features"));
  state.paths = path_from_json(reader.text("paths"));
  read_images(reader, state.images, file);
  if (reader.has("seed")) {
    reader.require(reader.at("seed").is_number_unsigned(), "seed", "a whole number from 0");
    state.seed = reader.at("seed").get<uint64_t>();
  }
  state.precision = reader.text("precision");
  state.backbone.name = path_from_json(reader.text("backbone_file"));
  state.backbone.origin = reader.text("backbone");
  state.backbone.hash = reader.text("backbone_hash");
  state.backbone.warning = reader.text("backbone_warning");
  state.backbone.image_size = reader.count("image_size");
  state.backbone.normalize = read_normalize(reader);
  state.backbone.program = read_program(reader);
  state.backbone.start = read_start(reader);
  state.clusters = reader.count("clusters");
  state.cluster_range = read_cluster_range(reader);
  state.effort = reader.text("effort");
  state.method = reader.text("method");
  state.final_stage = read_final(reader, file);
  state.choice = reader.text("choice");
  reader.read("warnings", state.warnings, "a list of texts");
  read_identities(reader, state, file);
  state.assigned_data = reader.text("assigned_data");
  state.drift_warning = reader.text("drift_warning");
  state.next_cluster_id = std::max(reader.count("next_cluster_id"), next_free_id(state.identities));
  return state;
}

std::vector<ClusterIdentity> identities_of(const RunState& state, int64_t columns) {
  if (std::ssize(state.identities) == columns) return state.identities;
  std::vector<ClusterIdentity> identities;
  for (int id = 0; id < columns; ++id) identities.push_back(found_cluster(id));
  return identities;
}

RunState read_run_state(const fs::path& run) {
  const fs::path file = run / "run.json";
  if (!fs::is_directory(run)) fail_usage("{} must be a run directory. It is none.", run.string());
  if (!fs::exists(file)) return {};
  return run_state_from_json(json::parse(read_file(file), nullptr, false), file);
}

void write_run_state(const fs::path& run, const RunState& state) {
  write_file(run / "run.json",
             to_json(state).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace nolabel
