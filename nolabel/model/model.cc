#include "nolabel/model/model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "nolabel/base/error.h"
#include "nolabel/model/architecture.h"
#include "nolabel/model/heads.h"
#include "nolabel/model/initialise.h"
#include "nolabel/model/load_state.h"
#include "nolabel/model/parameters.h"
#include "nolabel/model/prepared_weights.h"
#include "nolabel/model/state_parts.h"
#include "nolabel/model/torchscript.h"

namespace nolabel {
namespace {

constexpr double normalization_epsilon = 1e-12;

void check(const ModelSettings& settings) {
  const bool contrastive = settings.kind == ModelSettings::Kind::contrastive;
  if (contrastive && settings.embedding_dimensions < 1) {
    fail_usage("features_dim must be 1 or more. Received {}.", settings.embedding_dimensions);
  }
  if (!contrastive && (settings.clusters < 1 || settings.heads < 1)) {
    fail_usage("a clustering model must have at least 1 cluster and 1 head. Received {} and {}.",
               settings.clusters, settings.heads);
  }
}

// Without `draw_backbone` the convolutions, which take nearly all of the time, hold anything.
Parameters initial_parameters(const BackboneNetwork& network, const std::vector<LinearLayer>& heads,
                              uint64_t seed, bool draw_backbone) {
  Parameters parameters;
  const auto number = [&] { return static_cast<uint32_t>(parameters.masters().size()); };
  for (const BackboneTensor& tensor : network.tensors()) {
    const bool is_convolution = tensor.computed_in == ComputedIn::working_type;
    at::Tensor value = draw_backbone || !is_convolution ? tensor.initial(seed, number())
                                                        : at::empty(tensor.shape, at::kFloat);
    if (tensor.is_buffer) {
      parameters.add_buffer(tensor.name, std::move(value));
    } else {
      parameters.add(tensor.name, std::move(value), tensor.computed_in);
    }
  }
  for (const LinearLayer& layer : heads) {
    parameters.add(layer.name + ".weight",
                   initial_linear({layer.out, layer.in}, layer.in, seed, number()),
                   layer.computed_in);
    parameters.add(layer.name + ".bias", initial_linear({layer.out}, layer.in, seed, number()),
                   layer.computed_in);
  }
  return parameters;
}

// oneDNN 3 does not look whether it got the memory for its scratchpads and kernels, and writes to
// address 0 where it did not. Where so little is left, LibTorch's allocator says so before.
void require_headroom(at::Device device) {
  constexpr int64_t bytes = 64 << 20;
  if (device.is_cpu()) at::empty({bytes}, at::kByte);
}

}  // namespace

struct Model::Impl {
  ModelSettings settings;
  std::unique_ptr<const BackboneNetwork> network;
  std::vector<LinearLayer> heads;
  Parameters parameters;
  at::Device device = at::kCPU;
  Precision precision = Precision::fp32;
  PreparedWeights prepared;
  std::shared_ptr<Group> group = single_process();

  // Layer `i` of the heads, computed in the type of its weights: [B,in] -> [B,out]
  at::Tensor linear(size_t i, const at::Tensor& x) const {
    const std::vector<at::Tensor>& leaves = parameters.leaves();
    const size_t first = leaves.size() - 2 * heads.size() + 2 * i;
    return at::linear(x.to(leaves[first].scalar_type()), leaves[first], leaves[first + 1]);
  }
};

at::Tensor unit_rows(const at::Tensor& rows) {
  return rows / rows.norm(2, {1}, /*keepdim=*/true).clamp_min(normalization_epsilon);
}

Model::Model(const ModelSettings& settings, uint64_t seed)
    : Model(settings, seed, /*draw_backbone=*/true) {}

Model::Model(const ModelSettings& settings, uint64_t seed, const StateDict& state)
    : Model(settings, seed, /*draw_backbone=*/false) {
  load_backbone(state);
}

Model::Model(const ModelSettings& settings, uint64_t seed, bool draw_backbone) {
  check(settings);
  impl_ = std::make_unique<Impl>();
  impl_->settings = settings;
  impl_->settings.backbone = completed(settings.backbone);
  impl_->network =
      settings.program ? program_network(settings.program) : make_network(settings.backbone);
  impl_->heads = head_layers(settings, impl_->network->dimensions());
  impl_->parameters = initial_parameters(*impl_->network, impl_->heads, seed, draw_backbone);
  place(at::kCPU, Precision::fp32);
}

Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

const ModelSettings& Model::settings() const {
  return impl_->settings;
}
int Model::dimensions() const {
  return impl_->network->dimensions();
}
at::Device Model::device() const {
  return impl_->device;
}
Precision Model::precision() const {
  return impl_->precision;
}

void Model::place(at::Device device, Precision precision) {
  impl_->parameters.place(device, precision);
  impl_->prepared.forget();
  impl_->device = device;
  impl_->precision = precision;
}

void Model::join(std::shared_ptr<Group> group) {
  impl_->group = std::move(group);
}

at::Tensor Model::features(const at::Tensor& views, ForwardMode mode) {
  require_headroom(device());
  const at::Tensor input = impl_->network->input(views, working_type(impl_->precision));
  if (mode == ForwardMode::train) impl_->prepared.forget();
  const bool only_evaluates = mode == ForwardMode::evaluate && !c10::GradMode::is_enabled();
  static const auto none = std::make_shared<const std::vector<at::Tensor>>();
  const auto prepared = only_evaluates ? impl_->prepared.of(*impl_->network, impl_->parameters,
                                                            working_type(impl_->precision))
                                       : none;
  return impl_->network->features(
      {impl_->parameters.leaves(), impl_->parameters.buffers(), *prepared, *impl_->group}, input,
      mode);
}

at::Tensor Model::embeddings(const at::Tensor& features) {
  NOLABEL_ASSERT(impl_->settings.kind == ModelSettings::Kind::contrastive);
  at::Tensor x = impl_->linear(0, features);
  if (impl_->settings.head == HeadKind::mlp) x = impl_->linear(1, x.relu_());
  return unit_rows(x);
}

at::Tensor Model::logits(const at::Tensor& features, int head) {
  NOLABEL_ASSERT(impl_->settings.kind == ModelSettings::Kind::clustering);
  NOLABEL_ASSERT(head >= 0 && head < impl_->settings.heads);
  return impl_->linear(static_cast<size_t>(head), features);
}

std::vector<at::Tensor> Model::logits(const at::Tensor& features) {
  std::vector<at::Tensor> all;
  for (int head = 0; head < impl_->settings.heads; ++head) all.push_back(logits(features, head));
  return all;
}

const std::vector<NamedTensor>& Model::parameters() const {
  return impl_->parameters.masters();
}
const std::vector<at::Tensor>& Model::leaves() const {
  return impl_->parameters.leaves();
}
const std::vector<NamedTensor>& Model::buffers() const {
  return impl_->parameters.buffers();
}
void Model::refresh_working_weights() {
  impl_->parameters.refresh_working_weights();
}
void Model::refresh_trained_weights() {
  impl_->parameters.refresh_trained_weights();
}
void Model::require_gradients(Trainable trainable) {
  const size_t first_of_heads = parameters().size() - 2 * impl_->heads.size();
  impl_->parameters.require_gradients([&](size_t i) {
    return trainable == Trainable::everything ||
           (trainable == Trainable::heads && i >= first_of_heads);
  });
}

std::vector<Model::ClusterHead> Model::cluster_heads() const {
  NOLABEL_ASSERT(impl_->settings.kind == ModelSettings::Kind::clustering);
  std::vector<ClusterHead> heads;
  for (size_t i = parameters().size() - 2 * impl_->heads.size(); i < parameters().size(); i += 2) {
    heads.push_back({parameters()[i].tensor.detach(), parameters()[i + 1].tensor.detach()});
  }
  return heads;
}

StateDict Model::state_dict() const {
  StateDict state;
  auto parameter = parameters().begin();
  auto buffer = buffers().begin();
  for (const BackboneTensor& tensor : impl_->network->tensors()) {
    const NamedTensor& entry = tensor.is_buffer ? *buffer++ : *parameter++;
    state.push_back({entry.name, entry.tensor.detach()});
  }
  for (; parameter != parameters().end(); ++parameter) {
    state.push_back({parameter->name, parameter->tensor.detach()});
  }
  return state;
}

void Model::load_state_dict(const StateDict& state) {
  load_state(state_dict(), state, /*strict=*/true,
             "weights for " + describe(impl_->settings.backbone));
  refresh_working_weights();
}

void Model::load_backbone(const StateDict& state) {
  load_state(part_of(state_dict(), is_of_backbone), state, /*strict=*/false,
             "weights for " + describe(impl_->settings.backbone));
  refresh_working_weights();
}

}  // namespace nolabel
