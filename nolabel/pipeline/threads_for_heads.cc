#include "nolabel/pipeline/threads_for_heads.h"

#include <ATen/Parallel.h>

namespace nolabel {

int threads_for_heads(const Model& model, bool cached, int batch_size) {
  const ModelSettings& settings = model.settings();
  if (!cached && settings.backbone.takes_images()) return at::get_num_threads();
  constexpr double forward_and_backward = 6, views = 2;
  const double flops = forward_and_backward * views * batch_size *
                       static_cast<double>(model.dimensions()) * settings.clusters * settings.heads;
  constexpr double worth_a_second_thread = 3e8;  // some milliseconds of one
  return flops < worth_a_second_thread ? 1 : at::get_num_threads();
}

}  // namespace nolabel
