// Where data sets and results are on this machine: --config_env FILE, --data-root, NOLABEL_DATA.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "nolabel/config/tables.h"
#include "nolabel/data/published.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct RunPlaces {
  std::string root_dir;                         // results: <root_dir>/<train_db_name>
  std::map<std::string, std::string> datasets;  // name -> the folder that holds it; empty: unset
  std::string data_root;                        // --data-root, else NOLABEL_DATA
  std::string cache_dir;                        // where --cache-dir says nothing
};

// Keys of --config_env (root_dir, cache_dir, datasets.<name>) and the flag --data-root. `datasets`
// takes every name under which find_published() looks.
void declare(SettingTables& tables, RunPlaces& places);

// True when a place is named in which this data set can be.
bool knows(const RunPlaces& places, const std::string& name);

// The folder to load: where it is, or, when its place is named but empty and the data set can be
// downloaded, where it was then put. Throws Error(Fault::usage) that lists where it looked.
std::filesystem::path find_published(const PublishedData& data, const RunPlaces& places,
                                     const Observer& observer);

}  // namespace nolabel
