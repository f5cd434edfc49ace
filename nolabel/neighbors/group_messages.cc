#include "nolabel/neighbors/group_messages.h"

#include <ATen/ATen.h>

#include "nolabel/neighbors/candidates.h"

namespace nolabel {

void send(Group& group, Message message) {
  broadcast(group, message);
}

std::vector<at::Tensor> sent_rows(const Vectors& vectors, int64_t first, int64_t count) {
  // Nothing is written through them.
  auto* rows = const_cast<float*>(vectors.values + first * vectors.depth);
  auto* scales = const_cast<float*>(vectors.scales.data() + first);
  return {at::from_blob(rows, {count, vectors.depth}, at::kFloat),
          at::from_blob(scales, {count}, at::kFloat)};
}

Vectors received_rows(const Message& message) {
  const at::Tensor& rows = message.tensors[0];
  const float* scales = message.tensors[1].const_data_ptr<float>();
  return {rows.const_data_ptr<float>(), rows.size(0), rows.size(1),
          std::vector<float>(scales, scales + rows.size(0))};
}

void show_progress(Group& group, SearchProgress& progress, int64_t done) {
  try {
    progress.update(done);
  } catch (...) {
    send(group, {.subject = searched_subject});
    throw;
  }
}

void end_search(Group& group, Nearest& result) {
  send(group, {.subject = searched_subject});
  // A match is as large as an index: until now the indices held the matches.
  for (size_t i = 0; i < result.indices.values.size(); ++i) {
    const auto match = static_cast<Match>(result.indices.values[i]);
    result.indices.values[i] = index_of(match);
    if (result.similarities.rows > 0) result.similarities.values[i] = similarity_of(match);
  }
}

}  // namespace nolabel
