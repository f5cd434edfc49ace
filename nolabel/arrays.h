// Embeddings, labels and weights as arrays in memory: part of nolabel.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nolabel/base/matrix.h"
#include "nolabel/record/observer.h"
#include "nolabel/values.h"

namespace nolabel {

// Embeddings [rows, columns], row by row without gaps; finite. The values must outlive the call,
// which does not copy them.
struct RowsView {
  const float* values = nullptr;
  int64_t rows = 0, columns = 0;
};

struct NeighborOptions {
  int neighbors = 20;     // k
  bool normalize = true;  // by cosine similarity; false: by inner product
  int memory_mb = 2048;   // at most so much beside the rows and the result
  int threads = 0;        // 0: all that this process may use
};
struct Neighbors {
  Matrix<int64_t> indices;     // [Q,k], best first; equal similarities: the lower index first
  Matrix<float> similarities;  // [Q,k]
};
// The k rows that are most similar to each row, exactly; a row is not its own neighbor. Throws
// Error: usage (k is not in 1..N-1), data (a value is not finite), stopped.
Neighbors nearest_neighbors(RowsView rows, const NeighborOptions& options,
                            const Observer& observer = {});
// The k rows of `database` [N,D] that are most similar to each query [Q,D]. Throws as above, with k
// in 1..N, and Error(usage) where the two differ in D.
Neighbors nearest_neighbors(RowsView queries, RowsView database, const NeighborOptions& options,
                            const Observer& observer = {});

// How well clusters agree with classes (docs/method.md, Figures).
struct Agreement {
  double accuracy = 0;  // by the best one-to-one matching of clusters to classes
  double nmi = 0, ami = 0, ari = 0;
  std::vector<int> matching;  // [K] the class of each cluster, -1: surplus
};
// clusters [N] in 0..K-1 and classes [N] in 0..C-1, where K and C are the largest numbers plus one.
// Throws Error(data): the lengths differ, there is no image, or a number is negative.
Agreement agreement(std::span<const int> clusters, std::span<const int> classes);

// What a run that was made from features has learnt: its chosen model is one linear layer. The
// logits of features x [n,D] are x weight' + bias.
struct LinearModel {
  Matrix<float> weight;                // [C,D]
  std::vector<float> bias;             // [C]
  std::vector<NamedCluster> clusters;  // [C], of the rows of `weight`
  std::string stage;                   // "consensus", "scan" …
};
// Throws Error(usage): the run has no finished model, or was made from images.
LinearModel linear_model(const std::filesystem::path& run);
// [n,C] logits, and their softmax. A row's values depend on no other row. Throws Error(usage) where
// the model is for another D.
Matrix<float> logits(const LinearModel& model, RowsView rows, int threads = 0);
Matrix<float> probabilities(const LinearModel& model, RowsView rows, int threads = 0);

// A tensor of a file of weights.
struct NamedArray {
  std::string name;                   // "backbone.conv1.weight"
  std::string type;                   // "float32", "bfloat16", "int64" … as NumPy and PyTorch say
  std::vector<int64_t> shape;         // of a dense array, the last axis closest
  std::shared_ptr<const void> bytes;  // of all values
  size_t size = 0;                    // how many bytes
};
// The weights in a file of PyTorch (.pth, .pt, .ckpt, .pth.tar), safetensors or pickled NumPy
// arrays. The file is read as data: nothing in it is executed. The names are those of the file; in
// a checkpoint, those of its model. Throws Error: data (no such weights, a damaged file), system.
std::vector<NamedArray> load_weights(const std::filesystem::path& file);

}  // namespace nolabel
