// The networks: a backbone with a projection head (contrastive) or cluster heads.
//
// Parameters live in plain named tensors; the forward pass calls ATen operators on them. Master
// weights are fp32 (fp64 in parity tests); with bf16 or fp16, convolutions and linear layers use
// working copies that refresh_trained_weights() renews after each optimizer step, while batch norm
// stays in fp32. No autocast anywhere. Activations are channels-last. Embeddings and logits leave
// in the masters' type, and the last linear layers are computed in it.
// Shapes: views [B,3,S,S], features [B,D], embeddings [B,E], logits [B,C].
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nolabel/group/group.h"
#include "nolabel/model/backbone_description.h"
#include "nolabel/model/program.h"
#include "nolabel/weights/state_dict.h"

namespace nolabel {

enum class HeadKind { mlp, linear };
// Which parameters a training changes.
enum class Trainable { heads, everything };
enum class Precision { fp32, bf16, fp16, fp64 };

struct ModelSettings {
  enum class Kind { contrastive, clustering };
  Kind kind = Kind::contrastive;
  BackboneDescription backbone;
  HeadKind head = HeadKind::mlp;   // contrastive
  int embedding_dimensions = 128;  // E, contrastive
  int clusters = 10;               // C, clustering
  int heads = 1;                   // H, clustering
  // What computes the features where the backbone is a program; null for others.
  std::shared_ptr<const BackboneProgram> program{};
};

// What a forward pass is for. `train_without_update` computes as `train` does, but leaves the
// model's buffers alone (the first of two passes over the same micro-batch).
enum class ForwardMode { train, train_without_update, evaluate };

// Rows [N,D] scaled to unit length; the norm counts as at least 1e-12, as in PyTorch's normalize().
at::Tensor unit_rows(const at::Tensor& rows);

class Model {
 public:
  // Convolutions start Kaiming normal (fan-out, ReLU), batch norms at 1 and 0, linear layers at
  // PyTorch's default, all from the counter-based generator. Error(Fault::usage) when a setting is
  // out of range or left to be chosen (backbone_description.h settles it).
  Model(const ModelSettings& settings, uint64_t seed);
  // The same with the backbone of `state`, as load_backbone() takes it: only heads are drawn.
  Model(const ModelSettings& settings, uint64_t seed, const StateDict& state);
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  const ModelSettings& settings() const;
  // Moves the masters and makes the working weights. Pointers handed out before are void.
  void place(at::Device device, Precision precision);
  // From now on a training pass is one of the whole group: every process runs it at the same time
  // with its share of the batch, and batch norm takes its statistics from all of them.
  void join(std::shared_ptr<Group> group);
  int dimensions() const;  // D
  at::Device device() const;
  Precision precision() const;

  // views [B,3,S,S] in any float type; they are cast to the working type, or to that of a program.
  // Features come in the masters' type, of a program in fp32. Errors of a program are those of
  // BackboneProgram::features().
  at::Tensor features(const at::Tensor& views, ForwardMode mode);
  at::Tensor embeddings(const at::Tensor& features);  // unit length, eps 1e-12
  at::Tensor logits(const at::Tensor& features, int head);
  std::vector<at::Tensor> logits(const at::Tensor& features);  // every head

  // Masters, without num_batches_tracked and running statistics. Names as in PyTorch:
  // "backbone.conv1.weight", "cluster_head.0.bias".
  const std::vector<NamedTensor>& parameters() const;
  // The leaves that autograd sees, aligned with parameters(): the master itself or its copy.
  const std::vector<at::Tensor>& leaves() const;
  // Running statistics and num_batches_tracked (int64 scalars).
  const std::vector<NamedTensor>& buffers() const;
  void refresh_working_weights();
  // The same of the parameters that require gradients, which are all that an optimizer step
  // changes. Cluster heads have no working copies, so heads on a frozen backbone renew nothing.
  void refresh_trained_weights();
  // Only these parameters ask for gradients.
  void require_gradients(Trainable trainable);

  // The masters of one cluster head: weight [C,D], bias [C]. Its memory is the model's.
  struct ClusterHead {
    at::Tensor weight, bias;
  };
  std::vector<ClusterHead> cluster_heads() const;

  // Detached references (not copies) to parameters and buffers in PyTorch's order.
  StateDict state_dict() const;
  // Copies values in. Every name must be there with its shape, and nothing else; otherwise
  // Error(Fault::usage) listing what is missing, unexpected or wrongly shaped.
  void load_state_dict(const StateDict& state);
  // Only "backbone.*" of `state`; further keys are ignored, missing ones are the same error.
  void load_backbone(const StateDict& state);

 private:
  struct Impl;
  Model(const ModelSettings& settings, uint64_t seed, bool draw_backbone);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nolabel
