// The tensors of a model: masters, the leaves that autograd sees, and buffers. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "nolabel/model/model.h"

namespace nolabel {

// Where a parameter is computed with: a working copy in the working type, or the master itself. The
// copies are rounded to the nearest, or so that they keep the sums of output channels
// (round_weights.h).
enum class ComputedIn { working_type, working_type_keeping_sums, master_type };

// A master as it is computed with.
at::Tensor rounded_weight(const at::Tensor& master, ComputedIn computed_in,
                          at::ScalarType working_type);

class Parameters {
 public:
  void add(std::string name, at::Tensor master, ComputedIn computed_in);
  void add_buffer(std::string name, at::Tensor buffer);

  // Moves everything to the device; masters become fp64 for Precision::fp64, else fp32. Four
  // dimensional tensors are channels-last. Gradients are required of the same parameters as before.
  void place(at::Device device, Precision precision);
  void refresh_working_weights();
  // Those that ask for gradients, all rounded to the nearest: between two steps of a training.
  void refresh_trained_weights();
  // Of parameter i of masters(): whether it asks for gradients.
  void require_gradients(const std::function<bool(size_t)>& required);

  const std::vector<NamedTensor>& masters() const { return masters_; }
  const std::vector<at::Tensor>& leaves() const { return leaves_; }
  const std::vector<NamedTensor>& buffers() const { return buffers_; }

 private:
  std::vector<NamedTensor> masters_, buffers_;
  std::vector<ComputedIn> computed_in_;  // aligned with masters_
  std::vector<at::Tensor> leaves_;       // aligned with masters_
  // Working copies and what they are copies of: all, and those that require gradients.
  struct Copies {
    std::vector<at::Tensor> copies, originals;                // rounded to the nearest
    std::vector<at::Tensor> summed_copies, summed_originals;  // keeping sums
    void refresh();
  };
  Copies copies_of(bool only_trained) const;
  Copies all_copies_, trained_copies_;
};

at::ScalarType master_type(Precision precision);
at::ScalarType working_type(Precision precision);

}  // namespace nolabel
