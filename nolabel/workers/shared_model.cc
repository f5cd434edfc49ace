#include "nolabel/workers/shared_model.h"

#include <ATen/ATen.h>

#include "nolabel/gpu/driver.h"
#include "nolabel/model/device.h"

namespace nolabel {
namespace {

using Json = nlohmann::json;

Json json_of(const ModelSettings& settings) {
  return {{"kind", static_cast<int>(settings.kind)},
          {"architecture", settings.backbone.architecture},
          {"parameters", settings.backbone.parameters},
          {"head", static_cast<int>(settings.head)},
          {"embedding_dimensions", settings.embedding_dimensions},
          {"clusters", settings.clusters},
          {"heads", settings.heads}};
}

ModelSettings settings_of(const Json& json) {
  ModelSettings settings;
  settings.kind = static_cast<ModelSettings::Kind>(json.at("kind").get<int>());
  settings.backbone = {.architecture = json.at("architecture"),
                       .parameters = json.at("parameters")};
  settings.head = static_cast<HeadKind>(json.at("head").get<int>());
  settings.embedding_dimensions = json.at("embedding_dimensions");
  settings.clusters = json.at("clusters");
  settings.heads = json.at("heads");
  return settings;
}

// The leader's cuda:3 is another GPU here: that of this process's number on its machine, or the
// only one that a scheduler lets this process see.
at::Device own_device(const Group& group, bool is_gpu) {
  if (!is_gpu) return at::kCPU;
  const bool sees_one = query_cuda_driver().gpus.size() == 1;
  return choose_device(format("cuda:{}", sees_one ? 0 : group.local_rank()));
}

}  // namespace

void describe_model(const Model& model, Message& message) {
  if (model.settings().backbone.is_program()) {
    fail_usage(
        "a backbone that is a program works in one process. This is one of several: start nolabel "
        "alone.");
  }
  message.values["network"] = json_of(model.settings());
  message.values["precision"] = static_cast<int>(model.precision());
  message.values["gpu"] = model.device().is_cuda();
  for (const NamedTensor& tensor : model.state_dict()) message.tensors.push_back(tensor.tensor);
}

Model model_of(const Group& group, Message& message, std::optional<Model> earlier) {
  const Json& values = message.values;
  const ModelSettings settings = settings_of(values.at("network"));
  const auto precision = static_cast<Precision>(values.at("precision").get<int>());
  const bool same = earlier && json_of(earlier->settings()) == values.at("network") &&
                    earlier->precision() == precision;
  Model model = same ? std::move(*earlier) : Model(settings, 0);
  if (!same) model.place(own_device(group, values.at("gpu")), precision);
  StateDict state = model.state_dict();
  const size_t first = message.tensors.size() - state.size();
  for (size_t i = 0; i < state.size(); ++i) state[i].tensor = message.tensors[first + i];
  model.load_state_dict(state);
  message.tensors.resize(first);
  return model;
}

}  // namespace nolabel
