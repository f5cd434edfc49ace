#include "nolabel/pipeline/run_directory.h"

#include "nolabel/base/error.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

nlohmann::json parse_description(const fs::path& file) {
  nlohmann::json description = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!description.is_object()) fail_data("{} must be a JSON object. It is not.", file.string());
  return description;
}

}  // namespace

RunDirectory::RunDirectory(fs::path path) : path_(std::move(path)), lock_(path_) {
  const fs::path file = path_ / "run.json";
  description_ = fs::exists(file) ? parse_description(file) : nlohmann::json::object();
}

void RunDirectory::describe(const nlohmann::json& values) {
  description_.merge_patch(values);
}

void RunDirectory::save_description() const {
  write_file(path_ / "run.json", description_.dump(2) + "\n");
}

nlohmann::json read_run_description(const fs::path& path) {
  const fs::path file = path / "run.json";
  if (!fs::exists(file)) {
    fail_usage("{} must be a run directory (with a run.json). There is none.", path.string());
  }
  return parse_description(file);
}

}  // namespace nolabel
