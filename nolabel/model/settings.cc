#include "nolabel/model/settings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/model/architecture.h"

namespace nolabel {
namespace {

constexpr double most_embedding_dimensions = 65536;

bool is_offered(const Architecture& architecture) {
  return architecture.takes_images && architecture.trains_from_random;
}

// The architectures that simclr trains from random weights, in the order in which they are offered.
std::vector<std::string> offered_names() {
  std::vector<std::string> names;
  for (const Architecture& architecture : architectures()) {
    if (is_offered(architecture)) names.push_back(architecture.name);
  }
  return names;
}

// Every parameter of an offered architecture, once.
std::vector<ParameterRule> all_parameters() {
  std::vector<ParameterRule> all;
  for (const Architecture& architecture : architectures()) {
    if (!is_offered(architecture)) continue;
    for (const ParameterRule& rule : architecture.parameters) {
      if (std::ranges::find(all, rule.name, &ParameterRule::name) == all.end()) all.push_back(rule);
    }
  }
  return all;
}

const std::string& default_of(const ParameterRule& rule) {
  return rule.offered.empty() ? rule.otherwise : rule.offered;
}

std::string architecture_name(const NetworkSettings& settings) {
  return offered_names()[static_cast<size_t>(settings.architecture)];
}

template <class Row>
std::vector<std::pair<std::string, Row>> numbered(const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, Row>> rows;
  for (const std::string& name : names) {
    rows.emplace_back(name, static_cast<Row>(rows.size()));
  }
  return rows;
}

bool has_parameter(const std::string& architecture, const std::string& name) {
  const auto& rules = architecture_of({architecture, {}}).parameters;
  return std::ranges::find(rules, name, &ParameterRule::name) != rules.end();
}

void declare_parameter(Schema& schema, NetworkSettings& settings, const ParameterRule& rule) {
  if (rule.choices.empty()) {
    schema.add(rule.name, &settings.numbers.at(rule.name),
               {.low = static_cast<double>(rule.low), .high = static_cast<double>(rule.high)},
               rule.help);
  } else {
    schema.add(rule.name, &settings.choices.at(rule.name), numbered<ChoiceRow>(rule.choices),
               rule.help);
  }
  schema.rule(rule.name, [&schema, &settings, name = rule.name] {
    const std::string architecture = architecture_name(settings);
    if (!schema.is_set(name) || has_parameter(architecture, name)) return;
    fail_usage("{} is no setting of backbone {}. Received {}.", name, architecture,
               schema.text(*schema.find(name)));
  });
}

}  // namespace

NetworkSettings::NetworkSettings() {
  for (const ParameterRule& rule : all_parameters()) {
    const std::string& value = default_of(rule);
    if (rule.choices.empty()) {
      numbers[rule.name] = std::stoi(value);
    } else {
      const auto row = std::ranges::find(rule.choices, value) - rule.choices.begin();
      choices[rule.name] = static_cast<ChoiceRow>(row);
    }
  }
}

void declare(Schema& schema, NetworkSettings& settings) {
  schema.add("backbone", &settings.architecture, numbered<ArchitectureRow>(offered_names()),
             "network that turns an image into features");
  for (const ParameterRule& rule : all_parameters()) declare_parameter(schema, settings, rule);
  const auto group = schema.group("model_kwargs");
  schema.add("head", &settings.head, {{"mlp", HeadKind::mlp}, {"linear", HeadKind::linear}},
             "projection head of contrastive training");
  schema.add("features_dim", &settings.embedding_dimensions,
             {.low = 1, .high = most_embedding_dimensions},
             "dimensions of the embedding behind the projection head");
}

ModelSettings contrastive_network(const NetworkSettings& settings, int image_size) {
  BackboneDescription backbone{architecture_name(settings), {}};
  for (const ParameterRule& rule : architecture_of(backbone).parameters) {
    backbone.parameters[rule.name] =
        rule.choices.empty() ? std::to_string(settings.numbers.at(rule.name))
                             : rule.choices[static_cast<size_t>(settings.choices.at(rule.name))];
  }
  return {.kind = ModelSettings::Kind::contrastive,
          .backbone = settled_for(backbone, image_size),
          .head = settings.head,
          .embedding_dimensions = settings.embedding_dimensions};
}

nlohmann::json backbone_values(const BackboneDescription& description) {
  const BackboneDescription backbone = completed(description);
  nlohmann::json values = {{"backbone", backbone.architecture}};
  for (const ParameterRule& rule : architecture_of(backbone).parameters) {
    if (rule.choices.empty() && !rule.is_text) {
      values[rule.name] = number_of(backbone, rule.name);
    } else {
      values[rule.name] = backbone.parameters.at(rule.name);
    }
  }
  return values;
}

nlohmann::json network_values(const ModelSettings& model) {
  nlohmann::json values = backbone_values(model.backbone);
  values["model_kwargs"] = {{"head", model.head == HeadKind::mlp ? "mlp" : "linear"},
                            {"features_dim", model.embedding_dimensions}};
  return values;
}

}  // namespace nolabel
