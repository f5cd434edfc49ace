// What `nolabel zoo` does, as calls: list, get, verify, describe.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nolabel/config/schema.h"
#include "nolabel/model/settings.h"
#include "nolabel/zoo/manifest.h"
#include "nolabel/zoo/verify.h"

namespace nolabel {

struct ZooRequest {
  std::vector<std::string> names;  // entries, or files, as each call says
  std::string out = ".";           // get: the folder for the files
  bool force = false;              // get: replace another file of the same name
  // get, verify: a folder or an http(s) URL with the files that did not come with the program;
  // empty: the environment variable NOLABEL_ZOO, if it is set.
  std::string from;
  std::string data;      // verify, describe: images to measure on; empty: nothing is measured
  std::string manifest;  // another list than the one that came with the program
  ComputeSettings device;
};
void declare(Schema& options, ZooRequest& request);

ZooManifest zoo_manifest(const ZooRequest& request);

struct ZooFileGot {
  std::string name, summary;
  std::filesystem::path file;
  int64_t bytes = 0;
  std::string sha256;
};
// The named entries, as get_entry() puts them into `out`. Every name is looked up before the first
// file is got.
std::vector<ZooFileGot> get_zoo_files(const ZooRequest& request, const Observer& observer);

// Verifies the named entries and files, or every entry whose file can be had if none is named; a
// note names the others. A downloaded file goes into a temporary folder. `each` receives
// every verdict as soon as it is known. Throws what verify_entry() throws, and Error(Fault::usage)
// for a file that is none of the zoo.
std::vector<ZooVerdict> verify_zoo(const ZooRequest& request, const Observer& observer,
                                   const std::function<void(const ZooVerdict&)>& each);

// What an entry of the list would say of this file: "file", "bytes", "sha256", "network"
// (network_of()), and "metrics" (measure()) if there is data. Throws Error(Fault::usage) when there
// is no such file.
nlohmann::json describe_zoo_file(const std::filesystem::path& file, const std::string& data,
                                 const Environment& environment);

}  // namespace nolabel
