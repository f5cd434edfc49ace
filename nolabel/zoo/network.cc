#include "nolabel/zoo/network.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"
#include "nolabel/model/settings.h"
#include "nolabel/pipeline/trained_model.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Strictly: a tensor too many, too few or of another shape throws.
void load_contrastive(const Backbone& backbone) {
  ModelSettings settings{.kind = ModelSettings::Kind::contrastive, .backbone = backbone.network};
  StateDict state = backbone.state;
  if (backbone.head) {
    settings.head = *backbone.head;
    settings.embedding_dimensions = backbone.embedding_dimensions;
    Model(settings, 0).load_state_dict(state);
    return;
  }
  Model model(settings, 0);
  for (const NamedTensor& entry : model.state_dict()) {
    if (entry.name.starts_with("contrastive_head.")) state.push_back(entry);
  }
  model.load_state_dict(state);
}

int load_clustering(const StateDict& state, const Backbone& backbone) {
  const int clusters = cluster_count(state, backbone.file);
  Model({.kind = ModelSettings::Kind::clustering,
         .backbone = backbone.network,
         .clusters = clusters,
         .heads = 1},
        0)
      .load_state_dict(state);
  return clusters;
}

void take(StateDict& into, const StateDict& from, const std::string& prefix, const fs::path& file) {
  const size_t before = into.size();
  for (const NamedTensor& entry : from) {
    if (entry.name.starts_with(prefix)) into.push_back(entry);
  }
  if (into.size() == before) fail_data("{} must hold {}*. It does not.", file.string(), prefix);
}

}  // namespace

nlohmann::json network_of(const fs::path& file) {
  WeightsInFile weights = read_model_weights(file);
  require_fitting_heads(weights, file);
  const StateDict state = best_head_state(weights);
  const Backbone backbone = backbone_of(file, std::move(weights));
  nlohmann::json network = backbone_values(backbone.network);
  network["features"] = backbone.network.dimensions();
  network["image_size"] = backbone.image_size;
  if (holds_cluster_head(state)) {
    network["clusters"] = load_clustering(state, backbone);
    return network;
  }
  load_contrastive(backbone);
  network["projection"] = "none";
  if (backbone.head) {
    network["projection"] = format("{} {}", *backbone.head == HeadKind::mlp ? "mlp" : "linear",
                                   backbone.embedding_dimensions);
  }
  return network;
}

void join_head(const fs::path& backbone, const fs::path& head, const fs::path& out) {
  const WeightsInFile head_weights = read_model_weights(head);
  require_fitting_heads(head_weights, head);
  StateDict joined;
  take(joined, read_model_weights(backbone).state, "backbone.", backbone);
  take(joined, head_weights.state, "cluster_head.", head);
  write_safetensors(out, joined, head_weights.metadata);
}

}  // namespace nolabel
