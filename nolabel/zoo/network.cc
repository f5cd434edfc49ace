#include "nolabel/zoo/network.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>

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
    settings.head = backbone.head->kind;
    settings.embedding_dimensions = backbone.head->dimensions;
    Model(settings, 0, state).load_state_dict(state);
    return;
  }
  Model model(settings, 0, state);
  std::ranges::copy(part_of(model.state_dict(), is_of_projection_head), std::back_inserter(state));
  model.load_state_dict(state);
}

int load_clustering(const StateDict& state, const Backbone& backbone) {
  const int clusters = cluster_count(state);
  Model({.kind = ModelSettings::Kind::clustering,
         .backbone = backbone.network,
         .clusters = clusters,
         .heads = 1},
        0, state)
      .load_state_dict(state);
  return clusters;
}

// `text`: the part's name, for people.
StateDict required_part(const StateDict& state, bool (*is_of_part)(const NamedTensor&),
                        const char* text, const fs::path& file) {
  StateDict part = part_of(state, is_of_part);
  if (part.empty()) fail_data("{} must hold {}. It does not.", file.string(), text);
  return part;
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
  if (cluster_head_count(state) > 0) {
    network["clusters"] = load_clustering(state, backbone);
    return network;
  }
  load_contrastive(backbone);
  network["projection"] = "none";
  if (backbone.head) {
    network["projection"] = format("{} {}", backbone.head->kind == HeadKind::mlp ? "mlp" : "linear",
                                   backbone.head->dimensions);
  }
  return network;
}

void join_head(const fs::path& backbone, const fs::path& head, const fs::path& out) {
  const WeightsInFile head_weights = read_model_weights(head);
  require_fitting_heads(head_weights, head);
  StateDict joined =
      required_part(read_model_weights(backbone).state, is_of_backbone, "a backbone", backbone);
  std::ranges::copy(required_part(head_weights.state, is_of_cluster_head, "a cluster head", head),
                    std::back_inserter(joined));
  write_safetensors(out, joined, head_weights.metadata);
}

}  // namespace nolabel
