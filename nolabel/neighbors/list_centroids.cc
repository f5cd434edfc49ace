#include "nolabel/neighbors/list_centroids.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "nolabel/base/random.h"
#include "nolabel/neighbors/faiss_plugin.h"

namespace nolabel {
namespace {

constexpr int kRounds = 10;              // of k-means
constexpr int64_t kSamplesPerList = 64;  // what k-means learns from
constexpr int64_t kSampleBytes = int64_t{256} << 20;
constexpr int64_t float_bytes = sizeof(float);
// faiss multiplies blocks of so many rows and centroids at a time.
constexpr int64_t kFaissRows = 4096, kFaissCentroids = 1024;

// `count` rows drawn without replacement, at unit length.
std::vector<float> draw_sample(const Vectors& vectors, int64_t count, int seed) {
  std::vector<int64_t> order =
      permutation(vectors.rows, Random(static_cast<uint64_t>(seed), Purpose::kmeans));
  std::vector<float> sample(count * vectors.depth);
  for (int64_t i = 0; i < count; ++i) {
    const float* row = vectors.values + order[i] * vectors.depth;
    for (int64_t d = 0; d < vectors.depth; ++d) {
      sample[i * vectors.depth + d] = row[d] * vectors.scales[order[i]];
    }
  }
  return sample;
}

}  // namespace

int64_t centroid_sample(int64_t rows, int64_t depth, int lists) {
  return std::min({rows, kSamplesPerList * lists,
                   std::max<int64_t>(kSampleBytes / (depth * float_bytes), lists)});
}

int64_t centroid_bytes(int64_t rows, int64_t depth, int lists) {
  const int64_t sample = centroid_sample(rows, depth, lists);
  const int64_t products = std::min(sample, kFaissRows) * std::min<int64_t>(lists, kFaissCentroids);
  const int64_t nearest = sample * static_cast<int64_t>(sizeof(int64_t) + sizeof(float));
  return ((sample + 3 * int64_t{lists}) * depth + products) * float_bytes + nearest;
}

double centroid_products(int64_t rows, int64_t depth, int lists) {
  return static_cast<double>(kRounds) * static_cast<double>(centroid_sample(rows, depth, lists)) *
         lists;
}

at::Tensor train_centroids(const Vectors& vectors, int lists, int seed, int threads,
                           const std::function<void(double)>& progress) {
  const FaissFunctions& faiss = load_faiss();
  const int64_t count = centroid_sample(vectors.rows, vectors.depth, lists);
  const std::vector<float> sample = draw_sample(vectors, count, seed);
  at::Tensor centroids = at::empty({lists, vectors.depth}, at::kFloat);
  for (int round = 0; round < kRounds; ++round) {
    check_faiss(faiss.train_centroids(sample.data(), count, vectors.depth, lists, seed, round == 0,
                                      threads, centroids.mutable_data_ptr<float>()));
    progress(centroid_products(vectors.rows, vectors.depth, lists) / kRounds);
  }
  return centroids;
}

}  // namespace nolabel
