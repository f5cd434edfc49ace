#include "nolabel/zoo/zoo_call.h"

#include <algorithm>
#include <cstdlib>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/run/artifact.h"
#include "nolabel/zoo/get.h"
#include "nolabel/zoo/network.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

ZooSource source_of(const ZooRequest& request) {
  const char* variable = std::getenv("NOLABEL_ZOO");
  ZooSource source{.place = !request.from.empty() ? request.from : variable ? variable : ""};
  const bool url = source.place.find("://") != source.place.npos;
  if (url ? !source.place.starts_with("http")
          : !source.place.empty() && !fs::is_directory(source.place)) {
    fail_usage("{} must be a folder or an http(s) URL. Received {}.",
               request.from.empty() ? "NOLABEL_ZOO" : "--from", source.place);
  }
  return source;
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

ZooVerdict verify_one(const ZooManifest& manifest, const ZooRequest& request,
                      const std::string& name, const Environment& environment) {
  if (fs::is_regular_file(name)) {
    return verify_entry(manifest, entry_of_file(manifest, name), name, request.data, environment);
  }
  const ZooEntry& entry = find_entry(manifest, name);
  const TemporaryDirectory scratch;
  fs::path file;
  try {
    file =
        get_entry(manifest, entry, source_of(request), scratch.path(), false, environment.observer);
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    return {name, {{"checksum", ZooCheck::Result::failed, error.what()}}, nullptr};
  }
  return verify_entry(manifest, entry, file, request.data, environment);
}

// The entries whose files can be had.
std::vector<std::string> all_names(const ZooManifest& manifest, const ZooRequest& request,
                                   const Observer& observer) {
  std::vector<std::string> names;
  for (const ZooEntry& entry : manifest.entries) {
    if (is_shipped(manifest, entry) || !source_of(request).place.empty()) {
      names.push_back(entry.name);
    } else {
      observer.note(
          format("{} is not verified, because it did not come with this program. Name the folder "
                 "or URL of its file with --from",
                 entry.name));
    }
  }
  return names;
}

}  // namespace

void declare(Schema& options, ZooRequest& request) {
  options.add("out", &request.out, "get: the folder for the file");
  options.add("force", &request.force, "get: replace another file of the same name");
  options.add("from", &request.from,
              "get, verify: a folder or http(s) URL with the files that did not come with the "
              "program; unset: NOLABEL_ZOO. verify downloads into a temporary folder and keeps "
              "nothing, not even an interrupted download");
  options.add("data", &request.data,
              "verify, describe: images; nolabel measures the figures on their test or validation "
              "images, or on all images if they have no split");
  options.add("manifest", &request.manifest,
              "another list than the one that came with the program");
  options.add("device", &request.device.device, "auto, cpu, cuda or cuda:N");
  options.add("precision", &request.device.precision,
              "auto, fp32, bf16 or fp16; auto means bf16 if the device computes in bf16");
  options.add("threads", &request.device.threads, {.low = 0, .high = 4096},
              "processor threads; 0: all that this process may use");
}

ZooManifest zoo_manifest(const ZooRequest& request) {
  return read_manifest(request.manifest.empty() ? shipped_manifest() : fs::path(request.manifest));
}

std::vector<ZooFileGot> get_zoo_files(const ZooRequest& request, const Observer& observer) {
  const ZooManifest manifest = zoo_manifest(request);
  const ZooSource source = source_of(request);
  std::vector<const ZooEntry*> wanted;
  for (const std::string& name : request.names) wanted.push_back(&find_entry(manifest, name));
  std::vector<ZooFileGot> files;
  for (const ZooEntry* entry : wanted) {
    files.push_back(
        {.name = entry->name,
         .summary = entry->summary,
         .file = get_entry(manifest, *entry, source, request.out, request.force, observer),
         .bytes = entry->file.bytes,
         .sha256 = entry->file.sha256});
  }
  return files;
}

std::vector<ZooVerdict> verify_zoo(const ZooRequest& request, const Observer& observer,
                                   const std::function<void(const ZooVerdict&)>& each) {
  const ZooManifest manifest = zoo_manifest(request);
  const Environment environment = make_environment(request.device, observer);
  std::vector<ZooVerdict> verdicts;
  for (const std::string& name :
       request.names.empty() ? all_names(manifest, request, observer) : request.names) {
    verdicts.push_back(verify_one(manifest, request, name, environment));
    verdicts.back().asked = name;
    each(verdicts.back());
  }
  return verdicts;
}

json describe_zoo_file(const fs::path& file, const std::string& data,
                       const Environment& environment) {
  if (!fs::is_regular_file(file)) fail_usage("FILE must exist. Received {}.", file.string());
  json result{{"file", file.filename().string()},
              {"bytes", fs::file_size(file)},
              {"sha256", file_hash(file)},
              {"network", network_of(file)}};
  if (!data.empty()) result["metrics"] = measure(file, data, environment);
  return result;
}

}  // namespace nolabel
