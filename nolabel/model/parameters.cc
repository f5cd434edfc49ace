#include "nolabel/model/parameters.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <utility>

#include "nolabel/model/round_weights.h"

namespace nolabel {
namespace {

// A leaf of its own, without history. Scalars (counts) keep their type.
at::Tensor placed(const at::Tensor& tensor, at::Device device, at::ScalarType type) {
  at::Tensor result =
      tensor.detach().to(device, tensor.is_floating_point() ? type : tensor.scalar_type());
  return result.dim() == 4 ? result.contiguous(at::MemoryFormat::ChannelsLast) : result;
}

}  // namespace

at::ScalarType master_type(Precision precision) {
  return precision == Precision::fp64 ? at::kDouble : at::kFloat;
}

at::ScalarType working_type(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::fp16:
      return at::kHalf;
    default:
      return master_type(precision);
  }
}

at::Tensor rounded_weight(const at::Tensor& master, ComputedIn computed_in,
                          at::ScalarType working_type) {
  switch (computed_in) {
    case ComputedIn::working_type:
      return master.to(working_type);
    case ComputedIn::working_type_keeping_sums:
      return rounded_keeping_sums(master, working_type);
    case ComputedIn::master_type:
      break;
  }
  return master;
}

void Parameters::add(std::string name, at::Tensor master, ComputedIn computed_in) {
  leaves_.push_back(master);
  masters_.push_back({std::move(name), std::move(master)});
  computed_in_.push_back(computed_in);
}

void Parameters::add_buffer(std::string name, at::Tensor buffer) {
  buffers_.push_back({std::move(name), std::move(buffer)});
}

void Parameters::place(at::Device device, Precision precision) {
  const c10::NoGradGuard no_grad;
  const at::ScalarType master = master_type(precision), working = working_type(precision);
  for (size_t i = 0; i < masters_.size(); ++i) {
    const bool required = leaves_[i].requires_grad();
    masters_[i].tensor = placed(masters_[i].tensor, device, master);
    leaves_[i] = masters_[i].tensor;
    if (working != master) leaves_[i] = rounded_weight(leaves_[i], computed_in_[i], working);
    leaves_[i].requires_grad_(required);
  }
  for (NamedTensor& buffer : buffers_) buffer.tensor = placed(buffer.tensor, device, master);
  all_copies_ = copies_of(/*only_trained=*/false);
  trained_copies_ = copies_of(/*only_trained=*/true);
}

Parameters::Copies Parameters::copies_of(bool only_trained) const {
  Copies result;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const at::Tensor& master = masters_[i].tensor;
    if (leaves_[i].is_same(master) || (only_trained && !leaves_[i].requires_grad())) continue;
    const bool summed = !only_trained && computed_in_[i] == ComputedIn::working_type_keeping_sums;
    (summed ? result.summed_copies : result.copies).push_back(leaves_[i].detach());
    (summed ? result.summed_originals : result.originals).push_back(master);
  }
  return result;
}

void Parameters::Copies::refresh() {
  const c10::NoGradGuard no_grad;
  if (!copies.empty()) at::_foreach_copy_(copies, originals);
  for (size_t i = 0; i < summed_copies.size(); ++i) {
    summed_copies[i].copy_(
        rounded_keeping_sums(summed_originals[i], summed_copies[i].scalar_type()));
  }
}

void Parameters::refresh_working_weights() {
  all_copies_.refresh();
}

void Parameters::refresh_trained_weights() {
  trained_copies_.refresh();
}

void Parameters::require_gradients(const std::function<bool(size_t)>& required) {
  for (size_t i = 0; i < leaves_.size(); ++i) leaves_[i].requires_grad_(required(i));
  trained_copies_ = copies_of(/*only_trained=*/true);
}

}  // namespace nolabel
