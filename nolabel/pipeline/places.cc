#include "nolabel/pipeline/places.h"

#include <algorithm>
#include <cstdlib>

#include "nolabel/base/format.h"
#include "nolabel/data/fetch.h"

namespace nolabel {
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

void declare(SettingTables& tables, RunPlaces& places) {
  Schema& schema = tables.places;
  schema.add("root_dir", &places.root_dir, "results go to root_dir/<train_db_name>", Effect::none);
  schema.add("cache_dir", &places.cache_dir,
             "folder for images that do not fit into the memory, unless --cache-dir names one",
             Effect::none);
  for (const char* name : {"root_dir", "cache_dir"}) schema.path(name);
  {
    const auto group = schema.group("datasets");
    for (const PublishedData& data : published_data()) {
      for (const std::string& name : data.names) {
        if (schema.find("datasets." + name)) continue;  // ImageNet's is that of its subsets, too
        schema.add(name, &places.datasets[name], format("the folder that holds {}", data.sign()),
                   Effect::none);
        schema.path(name);
      }
    }
  }
  tables.options.add("data_root", &places.data_root,
                     "folder that holds the published data set, directly or in a subfolder with "
                     "the name of the data set; unset: NOLABEL_DATA",
                     Effect::none);
  tables.options.path("data_root");
}

bool knows(const RunPlaces& places, const std::string& name) {
  const DataPlaces known = data_places(places);
  const std::vector<std::string>& names = published_data(name).names;
  return !known.root.empty() || std::ranges::any_of(names, [&known](const std::string& one) {
    return known.datasets.contains(one);
  });
}

fs::path find_published(const PublishedData& data, const RunPlaces& places,
                        const Observer& observer) {
  const DataPlaces known = data_places(places);
  const auto found = find_data(data, known);
  if (found || !data.archive || !knows(places, data.name)) return locate(data, known);
  fetch_published(data, download_folder(data, known), observer);
  return locate(data, known);
}

}  // namespace nolabel
