// The zoo's list for people: on a terminal, and as the generated part of docs/model-zoo.md.
#pragma once

#include <string>

#include "nolabel/zoo/manifest.h"

namespace nolabel {

// "NETWORK of width 32, 32 px, 10 clusters"
std::string network_text(const nlohmann::json& network);
// "ACC 50.0 NMI 39.8 ARI 31.3" or "neighbors 61.1 / 58.7 / 56.2", in percent.
std::string figures_text(const nlohmann::json& metrics);

// One row per entry, and whether its file came with the program.
std::string zoo_table(const ZooManifest& manifest);

// A table, then a section per entry with its commands and checksum.
std::string zoo_markdown(const ZooManifest& manifest);

}  // namespace nolabel
