#include "nolabel/neighbors/knn_monitor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/nearest.h"

namespace nolabel {

double knn_accuracy(const LabelledEmbeddings& train, const LabelledEmbeddings& validation,
                    const KnnOptions& options, const Observer& observer) {
  const int64_t images = validation.embeddings.size(0), train_images = train.embeddings.size(0);
  NOLABEL_ASSERT(images > 0 && static_cast<int64_t>(validation.labels.size()) == images);
  NOLABEL_ASSERT(train_images > 0 && static_cast<int64_t>(train.labels.size()) == train_images);
  const SearchOptions search{
      .count = static_cast<int>(std::min<int64_t>(options.neighbors, train_images)),
      .normalise = false,
      .memory_bytes = options.memory_bytes,
      .threads = options.threads,
      .group = options.group};
  const Nearest nearest = find_nearest(validation.embeddings.contiguous(),
                                       train.embeddings.contiguous(), search, observer);

  std::vector<double> votes(*std::max_element(train.labels.begin(), train.labels.end()) + 1);
  int64_t correct = 0;
  for (int64_t i = 0; i < images; ++i) {
    std::fill(votes.begin(), votes.end(), 0.0);
    const double largest = nearest.similarities.at(i, 0);  // subtracted: exp() cannot overflow
    for (int64_t j = 0; j < search.count; ++j) {
      votes[train.labels[nearest.indices.at(i, j)]] +=
          std::exp((nearest.similarities.at(i, j) - largest) / options.temperature);
    }
    const auto winner = std::max_element(votes.begin(), votes.end()) - votes.begin();
    correct += winner == validation.labels[i];
  }
  return static_cast<double>(correct) / static_cast<double>(images);
}

}  // namespace nolabel
