// nolabel zoo list|get|verify|describe: weights that nolabel trained, known by name.
#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/run/artifact.h"
#include "nolabel/zoo/get.h"
#include "nolabel/zoo/network.h"
#include "nolabel/zoo/table.h"
#include "nolabel/zoo/verify.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct ZooOptions {
  std::string action;
  std::vector<std::string> names;
  std::string out = ".", from, data, manifest;
  bool force = false, markdown = false;
  ComputeSettings device;
};

void declare(Schema& schema, ZooOptions& options) {
  schema.add("out", &options.out, "get: the folder for the file");
  schema.add("force", &options.force, "get: replace another file of the same name");
  schema.add("from", &options.from,
             "get, verify: a folder or http(s) URL with the files that did not come with the "
             "program; unset: NOLABEL_ZOO. verify downloads into a temporary folder and keeps "
             "nothing, not even an interrupted download");
  schema.add("data", &options.data,
             "verify, describe: images; nolabel measures the figures on their test or validation "
             "images, or on all images if they have no split");
  schema.add("markdown", &options.markdown, "list: as docs/model-zoo.md has it");
  schema.add("manifest", &options.manifest, "another list than the one that came with the program");
  schema.add("device", &options.device.device, "auto, cpu, cuda or cuda:N");
  schema.add("precision", &options.device.precision,
             "auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16");
  schema.add("threads", &options.device.threads, {.low = 0, .high = 4096},
             "processor threads; 0: all that this process may use");
}

ZooManifest manifest_of(const ZooOptions& options) {
  return read_manifest(options.manifest.empty() ? shipped_manifest() : fs::path(options.manifest));
}

ZooSource source_of(const ZooOptions& options) {
  const char* variable = std::getenv("NOLABEL_ZOO");
  ZooSource source{.place = !options.from.empty() ? options.from : variable ? variable : ""};
  const bool url = source.place.find("://") != source.place.npos;
  if (url ? !source.place.starts_with("http")
          : !source.place.empty() && !fs::is_directory(source.place)) {
    fail_usage("{} must be a folder or an http(s) URL. Received {}.",
               options.from.empty() ? "NOLABEL_ZOO" : "--from", source.place);
  }
  return source;
}

void list(CommandLine& line, const ZooOptions& options) {
  const ZooManifest manifest = manifest_of(options);
  line.print(options.markdown ? zoo_markdown(manifest) : zoo_table(manifest));
  json entries = json::array();
  for (const ZooEntry& entry : manifest.entries) {
    entries.push_back(entry.json);
    entries.back()["shipped"] = is_shipped(manifest, entry);
  }
  line.result({{"manifest", manifest.file.string()}, {"entries", entries}});
}

void get(CommandLine& line, const ZooOptions& options) {
  const ZooManifest manifest = manifest_of(options);
  const ZooSource source = source_of(options);
  std::vector<const ZooEntry*> wanted;
  for (const std::string& name : options.names) wanted.push_back(&find_entry(manifest, name));
  json files = json::array();
  for (const ZooEntry* entry : wanted) {
    const fs::path file =
        get_entry(manifest, *entry, source, options.out, options.force, line.observer());
    line.print(format("{}: {}\n", file.string(), entry->summary));
    files.push_back({{"name", entry->name},
                     {"file", file.string()},
                     {"bytes", entry->file.bytes},
                     {"sha256", entry->file.sha256}});
  }
  line.result({{"files", files}});
}

// The entry that a user's file is, by its bytes, or by its name when they are damaged.
const ZooEntry& entry_of_file(const ZooManifest& manifest, const fs::path& file) {
  const std::string hash = file_hash(file);
  const std::string name = file.filename().string();
  const auto& entries = manifest.entries;
  auto found = std::ranges::find_if(
      entries, [&](const ZooEntry& entry) { return entry.file.sha256 == hash; });
  if (found == entries.end()) {
    found = std::ranges::find_if(entries,
                                 [&](const ZooEntry& entry) { return entry.file.name == name; });
  }
  if (found != entries.end()) return *found;
  fail_usage(
      "FILE must be a file of the zoo. {} has neither the checksum nor the name of one; `nolabel "
      "inspect` and `nolabel eval` take any file.",
      file.string());
}

ZooVerdict verify_one(const ZooManifest& manifest, const ZooOptions& options,
                      const std::string& name, const Environment& environment) {
  if (fs::is_regular_file(name)) {
    return verify_entry(manifest, entry_of_file(manifest, name), name, options.data, environment);
  }
  const ZooEntry& entry = find_entry(manifest, name);
  const TemporaryDirectory scratch;
  fs::path file;
  try {
    file =
        get_entry(manifest, entry, source_of(options), scratch.path(), false, environment.observer);
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    return {name, {{"checksum", ZooCheck::Result::failed, error.what()}}, nullptr};
  }
  return verify_entry(manifest, entry, file, options.data, environment);
}

const char* word(ZooCheck::Result result) {
  switch (result) {
    case ZooCheck::Result::passed:
      return "ok";
    case ZooCheck::Result::failed:
      return "WRONG";
    case ZooCheck::Result::not_judged:
      break;
  }
  return "-";
}

json show(const CommandLine& line, const ZooVerdict& verdict) {
  line.print(verdict.name + "\n");
  json checks = json::array();
  for (const ZooCheck& check : verdict.checks) {
    line.print(format("  {:<9} {:<6} {}\n", check.what, word(check.result), check.detail));
    checks.push_back(
        {{"check", check.what}, {"result", word(check.result)}, {"detail", check.detail}});
  }
  return {{"name", verdict.name},
          {"passed", verdict.passed()},
          {"checks", checks},
          {"measured", verdict.measured}};
}

void verify(CommandLine& line, ZooOptions& options, const Environment& environment) {
  const ZooManifest manifest = manifest_of(options);
  if (options.names.empty()) {
    for (const ZooEntry& entry : manifest.entries) {
      if (is_shipped(manifest, entry) || !source_of(options).place.empty()) {
        options.names.push_back(entry.name);
      } else {
        environment.observer.note(
            format("{} is not verified, because it did not come with this program. Name the folder "
                   "or URL of its file with --from",
                   entry.name));
      }
    }
  }
  json results = json::array();
  std::string wrong;
  for (const std::string& name : options.names) {
    const ZooVerdict verdict = verify_one(manifest, options, name, environment);
    results.push_back(show(line, verdict));
    if (!verdict.passed()) wrong += (wrong.empty() ? "" : ", ") + name;
  }
  line.result({{"entries", results}});
  if (!wrong.empty()) fail_data("every entry must be as the zoo lists it. Wrong: {}.", wrong);
}

void describe(CommandLine& line, const ZooOptions& options, const Environment& environment) {
  json files = json::array();
  for (const std::string& file : options.names) {
    if (!fs::is_regular_file(file)) fail_usage("FILE must exist. Received {}.", file);
    json result{{"file", fs::path(file).filename().string()},
                {"bytes", fs::file_size(file)},
                {"sha256", file_hash(file)},
                {"network", network_of(file)}};
    line.print(format("{}: {}\n", file, network_text(result["network"])));
    if (!options.data.empty()) {
      result["metrics"] = measure(file, options.data, environment);
      line.print(format("  {}\n", figures_text(result["metrics"])));
    }
    files.push_back(std::move(result));
  }
  line.result({{"files", files}});
}

// What each action takes.
struct Action {
  const char* name;
  size_t least, most;  // NAMEs
  std::vector<std::string> flags;
};

const std::vector<Action>& actions() {
  static const std::vector<Action> table{
      {"list", 0, 0, {"markdown", "manifest"}},
      {"get", 1, 1000, {"out", "force", "from", "manifest"}},
      {"verify", 0, 1000, {"from", "data", "manifest"}},
      {"describe", 1, 1000, {"data"}},
  };
  return table;
}

void check(const Schema& schema, const ZooOptions& options) {
  const auto action = std::ranges::find(actions(), options.action, &Action::name);
  if (action == actions().end()) {
    std::vector<std::string> names;
    for (const Action& known : actions()) names.emplace_back(known.name);
    const auto nearest = nearest_name(options.action, names);
    fail_usage("ACTION must be list, get, verify or describe. Received {}.{}", options.action,
               nearest ? " Did you mean " + *nearest + "?" : "");
  }
  const size_t count = options.names.size();
  if (count > action->most) {
    fail_usage("zoo list takes no NAME. Received {}.", options.names.front());
  }
  if (count < action->least) {
    fail_usage("zoo {} requires {}.", options.action,
               options.action == "get" ? "the NAME of an entry; `nolabel zoo list` shows them"
                                       : "a weights FILE");
  }
  for (const char* flag : {"out", "force", "from", "data", "markdown", "manifest"}) {
    if (schema.is_set(flag) && std::ranges::find(action->flags, flag) == action->flags.end()) {
      fail_usage("{} means nothing to zoo {}.", flag_name(flag), options.action);
    }
  }
  if (!options.data.empty() && !fs::exists(options.data)) {
    fail_usage("--data must be a folder or list file. {} does not exist.", options.data);
  }
}

}  // namespace

int run_zoo(CommandLine& line) {
  ZooOptions options;
  line.argument("ACTION", &options.action, "list, get, verify or describe");
  line.arguments("NAME", &options.names, 0, 1000,
                 "get: entries; verify: entries and files, all entries if none is named; describe: "
                 "weights files");
  declare(line.options(), options);
  if (!line.parse()) return 0;
  check(line.options(), options);
  if (options.action == "list") {
    list(line, options);
  } else if (options.action == "get") {
    get(line, options);
  } else {
    const Environment environment = make_environment(options.device, line.observer());
    options.action == "verify" ? verify(line, options, environment)
                               : describe(line, options, environment);
  }
  return 0;
}

}  // namespace nolabel::cli
