// Weights of other people that nolabel knows by their content, because their files do not say what
// they are.
#pragma once

#include <filesystem>
#include <string>

namespace nolabel {

struct KnownWeights {
  const char* sha256;  // of the file
  const char* origin;  // for people
  const char* labels;  // model/recognise.h
};

// nullptr: unknown. Reads the whole file.
const KnownWeights* known_weights(const std::filesystem::path& file);

}  // namespace nolabel
