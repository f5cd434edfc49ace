// What a network has prepared of its weights for passes that evaluate without gradients; made at
// the first such pass, and anew after a weight or a running statistic was changed. Private to
// model.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "nolabel/model/architecture.h"

namespace nolabel {

class PreparedWeights {
 public:
  // Safe to call from several threads. Whether a tensor was changed is known from its version,
  // which operators in place count up. Batch norm in training does not, and neither does raw memory
  // that somebody writes: the model calls forget() then.
  // Nothing is prepared on a GPU. There, a step that is repeated from a recording (gpu/recording.h)
  // changes weights that nobody counts, and would have to keep what it reads.
  std::shared_ptr<const std::vector<at::Tensor>> of(const BackboneNetwork& network,
                                                    const Parameters& parameters,
                                                    at::ScalarType working_type);
  // The tensors are others now.
  void forget();

 private:
  std::mutex mutex_;
  std::shared_ptr<const std::vector<at::Tensor>> weights_;
  int64_t version_ = 0;
};

}  // namespace nolabel
