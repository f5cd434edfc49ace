#include "cli/run_places.h"

#include <unistd.h>

#include <cstdlib>

#include "nolabel/base/format.h"
#include "nolabel/data/fetch.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;

std::string data_root(const RunPlaces& places) {
  if (!places.data_root.empty()) return places.data_root;
  const char* root = std::getenv("NOLABEL_DATA");
  return root ? root : "";
}

DataPlaces data_places(const RunPlaces& places) {
  DataPlaces result;
  for (const auto& [name, folder] : places.datasets) {
    if (!folder.empty()) result.datasets[name] = folder;
  }
  if (const std::string root = data_root(places); !root.empty()) result.root = root;
  return result;
}

}  // namespace

void declare(CommandLine& line, RunPlaces& places) {
  Schema& schema = line.places();
  schema.add("root_dir", &places.root_dir, "results go to root_dir/<train_db_name>", Effect::none);
  schema.add("cache_dir", &places.cache_dir, "where images are kept, unless --cache-dir says so",
             Effect::none);
  {
    const auto group = schema.group("datasets");
    for (const PublishedData& data : published_data()) {
      schema.add(data.name, &places.datasets[data.name],
                 format("the folder that holds {}", data.sign()), Effect::none);
    }
  }
  line.options().add("data_root", &places.data_root,
                     "where published data sets are: this folder, or the one in it with the data "
                     "set's name; else NOLABEL_DATA",
                     Effect::none);
}

fs::path shared_cache_directory() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  if (const fs::path named = variable("NOLABEL_CACHE"); !named.empty()) return named;
  fs::path folder = variable("XDG_CACHE_HOME");
  if (const fs::path home = variable("HOME"); folder.empty() && !home.empty()) {
    folder = home / ".cache";
  }
  if (!folder.is_absolute()) return {};
  folder /= "nolabel";
  fs::path existing = folder;
  std::error_code ignored;
  while (!fs::exists(existing, ignored) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  return ::access(existing.c_str(), W_OK | X_OK) == 0 ? folder : fs::path();
}

bool knows(const RunPlaces& places, const std::string& name) {
  const DataPlaces known = data_places(places);
  return !known.root.empty() || known.datasets.contains(name);
}

fs::path find_published(const PublishedData& data, const RunPlaces& places,
                        const Observer& observer) {
  const DataPlaces known = data_places(places);
  const auto found = find_data(data, known);
  if (found || !data.archive || !knows(places, data.name)) return locate(data, known);
  fetch_published(data, download_folder(data, known), observer);
  return locate(data, known);
}

}  // namespace nolabel::cli
