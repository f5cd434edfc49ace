#include "nolabel/model/prepared_weights.h"

#include <c10/core/GradMode.h>

namespace nolabel {
namespace {

// Versions only grow, so their sum tells whether any has changed.
int64_t sum_of_versions(const std::vector<NamedTensor>& tensors) {
  int64_t sum = 0;
  for (const NamedTensor& entry : tensors) sum += entry.tensor._version();
  return sum;
}

}  // namespace

std::shared_ptr<const std::vector<at::Tensor>> PreparedWeights::of(const BackboneNetwork& network,
                                                                   const Parameters& parameters,
                                                                   at::ScalarType working_type) {
  const int64_t version =
      sum_of_versions(parameters.masters()) + sum_of_versions(parameters.buffers());
  const std::lock_guard lock(mutex_);
  if (!weights_ || version_ != version) {
    const c10::NoGradGuard no_grad;
    weights_ = std::make_shared<const std::vector<at::Tensor>>(
        network.prepared(parameters.masters(), parameters.buffers(), working_type));
    version_ = version;
  }
  return weights_;
}

void PreparedWeights::forget() {
  const std::lock_guard lock(mutex_);
  weights_.reset();
}

}  // namespace nolabel
