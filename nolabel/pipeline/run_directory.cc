#include "nolabel/pipeline/run_directory.h"

#include "nolabel/base/error.h"
#include "nolabel/data/pack_cache.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

nlohmann::json parse_description(const fs::path& file) {
  nlohmann::json description = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!description.is_object()) fail_data("{} must be a JSON object. It is not.", file.string());
  return description;
}

// The outermost folder on the way to `path` that does not exist; empty when all do.
fs::path first_missing(const fs::path& path) {
  fs::path missing;
  std::error_code error;  // a folder that cannot be looked at was not made here
  for (fs::path folder = fs::absolute(path).lexically_normal();
       fs::status(folder, error).type() == fs::file_type::not_found;
       folder = folder.parent_path()) {
    missing = folder;
  }
  return missing;
}

}  // namespace

RunDirectory::RemoveUnused::RemoveUnused(fs::path made, fs::path first)
    : path(fs::absolute(made).lexically_normal()), first_made(std::move(first)) {}

RunDirectory::RemoveUnused::~RemoveUnused() {
  std::error_code error;  // what cannot be looked at or removed stays
  if (first_made.empty()) return;
  const fs::path lock = path / ".lock";
  // Not a range-for, which throws: that would end the program here.
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path() != lock) return;
  }
  if (error) return;
  fs::remove(lock, error);
  for (fs::path folder = path; fs::remove(folder, error) && folder != first_made;) {
    folder = folder.parent_path();
  }
}

RunDirectory::RunDirectory(fs::path path)
    : path_(std::move(path)),
      first_made_(first_missing(path_)),
      lock_(path_),
      remove_unused_(path_, first_made_) {
  remove_leftovers(path_, pack_extension);  // packs in it may be those of other runs
  const fs::path file = path_ / "run.json";
  description_ = fs::exists(file) ? parse_description(file) : nlohmann::json::object();
}

void RunDirectory::describe(const nlohmann::json& values) {
  description_.merge_patch(values);
}

void RunDirectory::save_description() const {
  write_file(path_ / "run.json",
             description_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

nlohmann::json describe_backbone(const RunDirectory& run, const fs::path& name) {
  if (name == "starter") return {{"backbone_file", "starter"}};
  std::error_code none;  // what does not exist is not this run's
  const bool own =
      fs::equivalent(name, run.path(), none) || fs::equivalent(name, run.model("pretext"), none);
  if (own) return {{"backbone_file", nullptr}};
  return {{"backbone_file", path_to_json(fs::absolute(name))}};
}

nlohmann::json read_run_description(const fs::path& path) {
  const fs::path file = path / "run.json";
  if (!fs::is_directory(path)) {
    fail_usage("{} must be a run directory. It is none.", path.string());
  }
  return fs::exists(file) ? parse_description(file) : nlohmann::json::object();
}

std::string text_of(const nlohmann::json& description, const char* key,
                    const std::string& otherwise) {
  if (!description.contains(key)) return otherwise;
  if (!description[key].is_string()) fail_data("run.json must have {} as a text.", key);
  return description[key].get<std::string>();
}

std::vector<std::string> texts_of(const nlohmann::json& description, const char* key) {
  std::vector<std::string> texts;
  if (!description.contains(key)) return texts;
  const nlohmann::json& list = description[key];
  for (const nlohmann::json& text : list) {
    if (!list.is_array() || !text.is_string()) {
      fail_data("run.json must have {} as a list of texts.", key);
    }
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

}  // namespace nolabel
