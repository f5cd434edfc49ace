// Whether a file of the zoo is what the list says: its bytes, its network, and what it measures.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nolabel/run/environment.h"
#include "nolabel/zoo/manifest.h"

namespace nolabel {

// What a weights file measures on the test images of `data` (a folder or list file; all of its
// images when there are no test images): "images", "data" (their fingerprint), "precision", and
// "neighbor_accuracy" {"1", "5", "20"} of a pretext model, "ACC" "NMI" "AMI" "ARI" "top5" of a
// clustering model. Errors as load_split(); Error(Fault::usage) when the images have no labels.
nlohmann::json measure(const std::filesystem::path& file, const std::filesystem::path& data,
                       const Environment& environment);

struct ZooCheck {
  enum class Result { passed, failed, not_judged };
  std::string what;  // "checksum", "network", "figures"
  Result result;
  std::string detail;  // one line
};

struct ZooVerdict {
  std::string name;  // of the entry
  std::vector<ZooCheck> checks;
  nlohmann::json measured;  // null without data
  std::string asked = {};   // the entry or file as the user named it
  bool passed() const;
};

// `file` against its entry; `data` may be empty: nothing is measured. Figures of other images than
// the listed ones are shown and not judged.
ZooVerdict verify_entry(const ZooManifest& manifest, const ZooEntry& entry,
                        const std::filesystem::path& file, const std::filesystem::path& data,
                        const Environment& environment);

// Of figures measured on the same images: each within `tolerance` of the listed one.
ZooCheck compare_figures(const nlohmann::json& listed, const nlohmann::json& measured,
                         double tolerance);

}  // namespace nolabel
