// Artifacts know how they were made. Beside each stands FILE.json: the settings that determine the
// result, the data set's fingerprint, the hashes of the inputs and the seed, with one hash over
// all of it; and, not hashed, version, threads, device and duration.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nolabel/config/schema.h"
#include "nolabel/run/environment.h"

namespace nolabel {

// What determines an artifact.
struct Provenance {
  std::string stage;        // "scan"
  nlohmann::json settings;  // result_values()
  std::string data;         // fingerprint; several are joined with '+'
  nlohmann::json inputs;    // name -> SHA-256 of the file
  uint64_t seed = 0;
  // name -> what people call the input of that name ("starter", "moco_v2.pth"). Does not determine
  // the artifact: it stands beside the hash, for messages.
  nlohmann::json names = nlohmann::json::object();

  nlohmann::json json() const;
  std::string hash() const;
};

// Provenance::settings of a struct that is declared: the values that determine the result.
template <class Settings>
nlohmann::json result_values(Settings settings) {
  Schema schema;
  declare(schema, settings);
  return schema.values(true);
}

enum class ArtifactState {
  missing,  // to be made
  current,  // made exactly so: kept
  adopted,  // there without a sidecar (the published program's): used as it is, with a note
};

// FILE.json.
std::filesystem::path sidecar_of(const std::filesystem::path& file);

// True when `file` is there and its sidecar says that it was made exactly so.
bool is_current(const std::filesystem::path& file, const Provenance& provenance);

// Looks at `file`. Throws Error(Fault::usage), saying what differs (what_changed.h), when it was
// made differently, unless environment.force: then it counts as missing.
ArtifactState artifact_state(const std::filesystem::path& file, const Provenance& provenance,
                             const Environment& environment);

// Writes FILE.json; call it after the artifact itself is in place. `measured` figures of the
// artifact stand with how it was made: they do not determine it.
void write_sidecar(const std::filesystem::path& file, const Provenance& provenance,
                   const Environment& environment, double seconds,
                   const nlohmann::json& measured = nlohmann::json::object());
// How it was made, as write_sidecar() has it; null without a sidecar.
nlohmann::json sidecar_made_with(const std::filesystem::path& file);
// One of these figures, if it is there.
std::optional<double> sidecar_measured(const std::filesystem::path& file, const char* name);

// The refusal of artifact_state(): `file` was made differently.
[[noreturn]] void fail_made_differently(const std::filesystem::path& file,
                                        const Provenance& provenance,
                                        const Environment& environment);

// What FILE.json says the file was made from (Provenance::json()), or null without one.
nlohmann::json sidecar_provenance(const std::filesystem::path& file);
// The splits of a run. The fingerprint of all its images is that of `train` "+" that of
// `validation`, or that of `train` alone.
enum class RunSplit { train, validation };
// False when the sidecar says that `file` was made from data with another fingerprint. With
// `split`, `fingerprint` is that of one split only, and `file` may be of all data. A file without a
// sidecar is trusted.
bool is_of_data(const std::filesystem::path& file, const std::string& fingerprint,
                std::optional<RunSplit> split = {});
// The settings among it, or null.
nlohmann::json sidecar_settings(const std::filesystem::path& file);

}  // namespace nolabel
