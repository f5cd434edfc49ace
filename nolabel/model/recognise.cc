#include "nolabel/model/recognise.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/model/architecture.h"
#include "nolabel/model/stated_views.h"
#include "nolabel/weights/nesting.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr size_t tensors_shown = 6;

std::string joined_words(const std::vector<std::string>& words, size_t most = ~size_t{0}) {
  std::string text;
  for (size_t i = 0; i < words.size() && i < most; ++i) text += (i > 0 ? ", " : "") + words[i];
  if (words.size() > most) text += format(" and {} more", words.size() - most);
  return text;
}

bool has_first_tensor(const StateDict& state, const Architecture& architecture) {
  return std::ranges::any_of(architecture.namings, [&](const auto& naming) {
    return find_tensor(state, "backbone." + naming.front()) != nullptr;
  });
}

BackboneDescription first_guess(const Architecture& architecture, const StateDict& state,
                                int image_size) {
  if (architecture.recognise) return architecture.recognise(architecture, state, image_size);
  return {architecture.name, {}};
}

// By names and shapes alone.
BackboneDescription recognise_weights(const StateDict& state, int image_size,
                                      const fs::path& file) {
  std::optional<BackboneDescription> nearest;
  std::vector<std::string> differing;
  for (const Architecture& architecture : architectures()) {
    if (!has_first_tensor(state, architecture)) continue;
    const BackboneDescription guess = first_guess(architecture, state, image_size);
    const std::vector<std::string> here = differences(*make_network(guess), state);
    if (here.empty()) return completed(guess);
    if (nearest && here.size() >= differing.size()) continue;
    nearest = guess;
    differing = here;
  }
  const std::string known = joined_words(architecture_names());
  if (!nearest) {
    fail_usage("weights must hold a backbone: {}. None of them is in {}, which holds {}.", known,
               file.string(), state.empty() ? "no tensors" : some_names(state));
  }
  fail_usage(
      "weights must belong to one of these networks: {}. {} is most similar to {}, but differs: "
      "{}.",
      known, file.string(), describe(*nearest), joined_words(differing, tensors_shown));
}

// What the weights do not tell, as stated; `network` fits the weights before and after.
void take_stated_parameters(BackboneDescription& network, const Statements& statements,
                            const StateDict& state, const fs::path& file) {
  for (const ParameterRule& rule : architecture_of(network).parameters) {
    const auto stated = statements.find(rule.name);
    if (rule.leaves_a_trace || stated == statements.end()) continue;
    BackboneDescription changed = network;
    changed.parameters[rule.name] = stated->second;
    bool fits = false;
    try {
      fits = differences(*make_network(changed), state).empty();
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;  // no value that the architecture knows
    }
    if (!fits) {
      fail_data("{} must state a {} that fits its weights. It states \"{}\".", file.string(),
                rule.name, stated->second);
    }
    network = std::move(changed);
  }
}

// An older or newer program may state another architecture than the weights are of.
void check_stated_architecture(const Statements& statements, const BackboneDescription& network,
                               const fs::path& file) {
  const auto stated = statements.find("architecture");
  if (stated == statements.end() || stated->second == network.architecture) return;
  fail_data("{} must state the architecture of its weights, {}. It states \"{}\".", file.string(),
            network.architecture, stated->second);
}

std::string labels_of(const Statements& statements) {
  const auto stated = statements.find("labels");
  return stated == statements.end() ? "" : stated->second;
}

// The architecture without weights that is stated, if one is.
const Architecture* stated_without_weights(const Statements& statements) {
  for (const Architecture& architecture : architectures()) {
    if (architecture.has_weights) continue;
    const auto stated = statements.find(architecture.takes_images ? "architecture" : "kind");
    if (stated != statements.end() && stated->second == architecture.name) return &architecture;
  }
  return nullptr;
}

// With every parameter as it is stated.
BackboneDescription stated_network(const Architecture& architecture, const Statements& statements,
                                   const fs::path& file) {
  BackboneDescription network{architecture.name, {}};
  for (const ParameterRule& rule : architecture.parameters) {
    const auto stated = statements.find(rule.name);
    if (stated == statements.end()) continue;
    network.parameters[rule.name] = stated->second;
    if (!rule.choices.empty()) {
      if (std::ranges::find(rule.choices, stated->second) != rule.choices.end()) continue;
      fail_data("{} must state {} as one of {}. It states \"{}\".", file.string(), rule.name,
                joined_words(rule.choices), stated->second);
    }
    if (!rule.is_text) stated_number(statements, rule.name, file);
  }
  return completed(network);
}

// The network with the views that go with it.
RecognisedBackbone with_views(BackboneDescription network, const Statements& statements,
                              int image_size, const fs::path& file) {
  RecognisedBackbone backbone{.network = std::move(network),
                              .views = {},
                              .labels = labels_of(statements),
                              .assumption = {}};
  if (image_size == 0) image_size = stated_number(statements, "image_size", file);
  backbone.views = stated_views(backbone.network, statements, image_size, file);
  const Architecture& architecture = architecture_of(backbone.network);
  if (!architecture.assumption) return backbone;
  Statements known = statements;
  if (image_size != 0) known["image_size"] = std::to_string(image_size);
  const std::string assumed = architecture.assumption(backbone.network, known);
  if (!assumed.empty()) backbone.assumption = format("{} {}", file.string(), assumed);
  return backbone;
}

}  // namespace

RecognisedBackbone recognise_backbone(const StateDict& state, const Statements& statements,
                                      int image_size, const fs::path& file) {
  if (const Architecture* stated = stated_without_weights(statements)) {
    BackboneDescription network = stated_network(*stated, statements, file);
    if (stated->takes_images) return with_views(std::move(network), statements, image_size, file);
    return {.network = std::move(network),
            .views = {},
            .labels = labels_of(statements),
            .assumption = {}};
  }
  const int side = image_size > 0 ? image_size : stated_number(statements, "image_size", file);
  BackboneDescription network = recognise_weights(state, side, file);
  take_stated_parameters(network, statements, state, file);
  check_stated_architecture(statements, network, file);
  return with_views(std::move(network), statements, image_size, file);
}

RecognisedBackbone recognise_program(const KnownProgram& program, const Statements& statements,
                                     int image_size, const fs::path& file) {
  const BackboneDescription own = program_description(program);
  check_stated_architecture(statements, own, file);
  Statements others = statements;
  for (const auto& [name, value] : own.parameters) others.erase(name);
  BackboneDescription network = stated_network(architecture_of(own), others, file);
  for (const auto& [name, value] : own.parameters) network.parameters[name] = value;
  return with_views(std::move(network), statements, image_size, file);
}

Statements backbone_statements(const BackboneDescription& network, const Preprocessing& views,
                               const std::string& labels) {
  const BackboneDescription whole = completed(network);
  Statements statements = whole.parameters;
  if (!labels.empty()) statements["labels"] = labels;
  if (!whole.takes_images()) {
    statements["kind"] = whole.architecture;
    return statements;
  }
  statements["architecture"] = whole.architecture;
  statements.merge(view_statements(whole, views));
  return statements;
}

Statements statements_beside_weights(const Statements& statements) {
  Statements result = statements;
  for (const char* key : {"description", "labels", "architecture", "program"}) result.erase(key);
  for (const Architecture& architecture : architectures()) {
    if (!architecture.takes_images) continue;
    for (const ParameterRule& rule : architecture.parameters) {
      if (rule.leaves_a_trace) result.erase(rule.name);
    }
  }
  return result;
}

void require_published(const std::string& architecture, int image_size,
                       const BackboneDescription& network, const StateDict& state,
                       const fs::path& file) {
  BackboneDescription expected{architecture, {}};
  if (network.architecture == architecture) expected = network;
  expected = published_for(expected, image_size);
  std::vector<std::string> differing = differences(*make_network(expected), state);
  if (differing.empty()) return;
  fail_usage("backbone: {} for images of {} pixels ({}) is required. {} holds {}: {}.",
             architecture, image_size, describe(expected), file.string(), describe(network),
             joined_words(differing, tensors_shown));
}

}  // namespace nolabel
