// The zoo: weights that nolabel trained, known by name. zoo/zoo.json lists them: what each is, the
// data and recipe that made it, what was measured, and the checksum of its file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace nolabel {

struct ZooFile {
  std::string name;  // without a folder
  int64_t bytes = 0;
  std::string sha256;
};

// Cluster heads that were trained on another entry's frozen backbone: only they are stored, and the
// entry's file is made of both.
struct ZooHead {
  std::string on;  // the entry with the backbone
  ZooFile file;    // cluster_head.* alone, with the metadata of the whole
};

// Mean and standard deviation of a figure ("ACC") over the seeds that were run.
struct ZooSpread {
  std::string figure;
  double mean = 0, deviation = 0;
};
struct ZooRepeats {
  size_t seeds = 0;
  std::vector<ZooSpread> spreads;
};

// How the weights came about, for people.
struct ZooOrigin {
  std::string trained_on, source, terms;  // its data
  std::vector<std::string> commands;
  std::string seed, program, licence, notes;  // notes may be empty
};

struct ZooEntry {
  std::string name;     // "cifar10-scan": a-z, 0-9 and -
  std::string kind;     // "pretext", "scan" or "selflabel"
  std::string summary;  // one line
  ZooFile file;         // whole: what `get` gives
  std::optional<ZooHead> head;
  nlohmann::json network;  // as network_of() tells it
  nlohmann::json metrics;  // as measure() tells them
  std::optional<ZooRepeats> repeats;
  ZooOrigin origin;
  nlohmann::json json;  // the entry as it stands, for programs
};

struct ZooManifest {
  std::filesystem::path file;
  double tolerance = 0;  // by which figures that are measured again may differ
  std::vector<ZooEntry> entries;
};

// Throws Error(Fault::data), naming the entry, when something is missing or of a wrong type, when a
// name is there twice or could lead out of a folder; Error(Fault::system) when it cannot be read.
// What was read has every member that the rest of this folder looks at.
ZooManifest read_manifest(const std::filesystem::path& file);

// Names of entries become names of folders: throws Error(Fault::data) for one that is empty or has
// other characters than a-z, 0-9 and -.
void require_entry_name(const std::string& name);

// Beside the installed program or library (../share/nolabel/zoo), or in the source tree. Throws
// Error(Fault::system) when it is in neither.
std::filesystem::path shipped_manifest();

// Throws Error(Fault::usage), with the nearest name, when there is no such entry.
const ZooEntry& find_entry(const ZooManifest& manifest, const std::string& name);

// Where `name` lies beside the manifest, in the folder above, or in that folder's examples/ (the
// starter backbone); nothing when it was not shipped.
std::optional<std::filesystem::path> shipped_file(const ZooManifest& manifest,
                                                  const std::string& name);

}  // namespace nolabel
