// The settings of a network: an architecture of the table with its parameters, and the head of
// contrastive training.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nolabel/config/schema.h"
#include "nolabel/model/model.h"

namespace nolabel {

// A row among architecture_names(), and one of a parameter's choices.
enum class ArchitectureRow : int {};
enum class ChoiceRow : int {};

// Its defaults are those that are offered.
struct NetworkSettings {
  ArchitectureRow architecture{};
  std::map<std::string, int> numbers;        // by name of the parameter
  std::map<std::string, ChoiceRow> choices;  // likewise
  HeadKind head = HeadKind::mlp;
  int embedding_dimensions = 128;

  NetworkSettings();
};

// backbone, the parameters of all architectures, model_kwargs.{head, features_dim}. A rule refuses
// a parameter that the chosen architecture does not have. The cluster heads of a clustering model
// are settings of its stage.
void declare(Schema& schema, NetworkSettings& settings);

// The contrastive model that the settings mean for views of image_size pixels.
ModelSettings contrastive_network(const NetworkSettings& settings, int image_size);

// "backbone" and its parameters, numbers as numbers.
nlohmann::json backbone_values(const BackboneDescription& description);

// The values of the settings that mean this contrastive model, nested as in YAML: what stands in
// the provenance of a model trained from nothing.
nlohmann::json network_values(const ModelSettings& model);

}  // namespace nolabel
