// Weights of other people that nolabel knows by their content, because their files do not say what
// they are.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nolabel/backbones/catalogue.h"
#include "nolabel/model/recognise.h"

namespace nolabel {

// What is known of weights beside what they tell: "description", "labels" and other statements.
Statements statements_of_published(const PublishedBackbone& backbone);

// Nothing: the content is unknown. Reads the whole file.
std::optional<Statements> known_weights(const std::filesystem::path& file);

}  // namespace nolabel
