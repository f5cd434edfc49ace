#include <ATen/ATen.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/model/architecture.h"
#include "nolabel/model/load_state.h"

namespace nolabel {

// One line per file that defines architectures, here and in the table.
std::vector<Architecture> resnets();
std::vector<Architecture> efficientnets_lite();
std::vector<Architecture> vision_transformers();
std::vector<Architecture> given_features_alone();
std::vector<Architecture> torchscript_programs();

namespace {

std::vector<Architecture> all_architectures() {
  std::vector<Architecture> all;
  for (const auto& family : {
           resnets,
           efficientnets_lite,
           vision_transformers,
           given_features_alone,
           torchscript_programs,
       }) {
    std::ranges::move(family(), std::back_inserter(all));
  }
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool is_allowed(const ParameterRule& rule, const std::string& text) {
  if (rule.is_text) return true;
  if (!rule.choices.empty()) return std::ranges::find(rule.choices, text) != rule.choices.end();
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= rule.low &&
         number <= rule.high;
}

// Not the counters of batch norms, which have no dimension: not every program writes them.
bool is_compared(const std::string& name, size_t dimensions) {
  return dimensions >= 1 && name.starts_with("backbone.");
}

}  // namespace

at::Tensor BackboneNetwork::input(const at::Tensor& views, at::ScalarType working_type) const {
  const at::Tensor x = views.to(working_type);
  return x.dim() == 4 ? x.contiguous(at::MemoryFormat::ChannelsLast) : x;
}

std::vector<at::Tensor> BackboneNetwork::prepared(const std::vector<NamedTensor>&,
                                                  const std::vector<NamedTensor>&,
                                                  at::ScalarType) const {
  return {};
}

std::span<const Architecture> architectures() {
  static const std::vector<Architecture> all = all_architectures();
  return all;
}

const Architecture& architecture_of(const BackboneDescription& description) {
  const auto found =
      std::ranges::find(architectures(), description.architecture, &Architecture::name);
  if (found == architectures().end()) {
    fail_usage("the backbone must be one of {}. Received {}.", joined(architecture_names()),
               description.architecture);
  }
  return *found;
}

std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  for (const Architecture& architecture : architectures()) {
    if (architecture.takes_images && architecture.has_weights) names.push_back(architecture.name);
  }
  return names;
}

BackboneDescription completed(BackboneDescription description) {
  const Architecture& architecture = architecture_of(description);
  for (const auto& [name, value] : description.parameters) {
    const auto rule = std::ranges::find(architecture.parameters, name, &ParameterRule::name);
    if (rule == architecture.parameters.end()) {
      fail_usage("{} has no parameter {}. Received {}.", architecture.name, name, value);
    }
    if (is_allowed(*rule, value)) continue;
    fail_usage("{} of {} must be {}. Received {}.", name, architecture.name,
               rule->choices.empty() ? format("{}..{}", rule->low, rule->high)
                                     : "one of " + joined(rule->choices),
               value);
  }
  for (const ParameterRule& rule : architecture.parameters) {
    description.parameters.emplace(rule.name, rule.otherwise);
  }
  return description;
}

std::map<std::string, std::string> identifying_parameters(const BackboneDescription& description) {
  std::map<std::string, std::string> parameters = completed(description).parameters;
  for (const ParameterRule& rule : architecture_of(description).parameters) {
    if (!rule.identifies) parameters.erase(rule.name);
  }
  return parameters;
}

std::unique_ptr<const BackboneNetwork> make_network(const BackboneDescription& description) {
  return architecture_of(description).make(completed(description));
}

int BackboneDescription::dimensions() const {
  return make_network(*this)->dimensions();
}

bool BackboneDescription::takes_images() const {
  return architecture_of(*this).takes_images;
}

bool BackboneDescription::is_program() const {
  const Architecture& own = architecture_of(*this);
  return own.takes_images && !own.has_weights;
}

BackboneDescription settled_for(const BackboneDescription& description, int image_size) {
  const Architecture& architecture = architecture_of(description);
  const BackboneDescription whole = completed(description);
  return architecture.settle ? architecture.settle(whole, image_size) : whole;
}

BackboneDescription published_for(BackboneDescription description, int image_size) {
  description = completed(std::move(description));
  for (const ParameterRule& rule : architecture_of(description).parameters) {
    if (!rule.offered.empty()) description.parameters[rule.name] = rule.offered;
  }
  return settled_for(description, image_size);
}

std::string describe(const BackboneDescription& description) {
  return architecture_of(description).describe(completed(description));
}

Preprocessing preprocessing(const BackboneDescription& description, int image_size) {
  const Architecture& architecture = architecture_of(description);
  NOLABEL_ASSERT(architecture.preprocessing);
  return architecture.preprocessing(completed(description), image_size);
}

int number_of(const BackboneDescription& description, const std::string& parameter) {
  return std::stoi(description.parameters.at(parameter));  // completed() has checked it
}

std::vector<std::string> differences(const BackboneNetwork& network, const StateDict& state) {
  std::unordered_map<std::string, at::IntArrayRef> given;
  for (const auto& [name, tensor] : state) {
    if (is_compared(name, tensor.dim())) given.emplace(name, tensor.sizes());
  }
  std::vector<std::string> wrong, missing, unexpected;
  for (const BackboneTensor& wanted : network.tensors()) {
    if (!is_compared(wanted.name, wanted.shape.size())) continue;
    const auto found = given.find(wanted.name);
    if (found == given.end()) {
      missing.push_back(wanted.name + " is missing");
      continue;
    }
    if (found->second != at::IntArrayRef(wanted.shape)) {
      wrong.push_back(format("{} {} instead of {}", wanted.name, shape_text(found->second),
                             shape_text(wanted.shape)));
    }
    given.erase(found);
  }
  for (const NamedTensor& entry : state) {
    if (given.contains(entry.name)) unexpected.push_back(entry.name + " is unexpected");
  }
  wrong.insert(wrong.end(), missing.begin(), missing.end());
  wrong.insert(wrong.end(), unexpected.begin(), unexpected.end());
  return wrong;
}

}  // namespace nolabel
