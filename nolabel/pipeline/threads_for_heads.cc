#include "nolabel/pipeline/threads_for_heads.h"

#include <ATen/Parallel.h>

namespace nolabel {

ThreadsForHeads::ThreadsForHeads(const Model& model, bool cached, int batch_size)
    : before_(at::get_num_threads()) {
  const ModelSettings& settings = model.settings();
  if (!cached && settings.backbone.takes_images()) return;
  constexpr double forward_and_backward = 6, views = 2;
  const double flops = forward_and_backward * views * batch_size *
                       static_cast<double>(model.dimensions()) * settings.clusters * settings.heads;
  constexpr double worth_a_second_thread = 3e8;  // some milliseconds of one
  if (flops < worth_a_second_thread) at::set_num_threads(1);
}

ThreadsForHeads::~ThreadsForHeads() {
  at::set_num_threads(before_);
}

}  // namespace nolabel
