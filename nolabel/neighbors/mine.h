// Mining: the nearest neighbors of every image in feature space, the input of the SCAN step.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "nolabel/base/npy.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// How neighbors are looked for. The approximate ways need a build with faiss.
enum class Search {
  exact,  // all pairs: the time grows with N²
  ivf,    // inverted lists: only among the images whose list is near
  hnsw,   // a graph that is followed from image to image
};

struct MiningOptions {
  int neighbors = 20;  // k: without the image itself
  bool normalise = true;
  int64_t memory_bytes = int64_t{512} << 20;  // extra memory, beside features and result
  int threads = 1;
  Search search = Search::exact;
  // Of ivf: into how many lists the images are divided, and how many of them an image looks into.
  // Of hnsw: how many links an image has, and how many candidates a search keeps. 0: plan_mining
  // chooses.
  int lists = 0;
  int probes = 0;
  int links = 0;
  int breadth = 0;
  int seed = 0;  // of the sample for ivf's lists, and of the one that recall is measured on
  int recall_images = 1000;  // approximate search is compared with exact search for so many
};

struct MinedNeighbors {
  // [N,k+1]: for each image the k+1 images with the largest inner product, ties to the lower index.
  // The image itself normally stands first; what is at least as similar may stand before it (an
  // exact duplicate). Exact search finds all; approximate search misses some, whose places the next
  // best take.
  Matrix<int64_t> table;
  // The share of the true k nearest (without the image itself) that approximate search found, over
  // a sample. Nothing for exact search.
  std::optional<double> recall;
};

// The options with every 0 replaced by what suits N images: lists = 2√N, probes = 16, links = 16,
// breadth = 64. Throws Error(Fault::usage) for fewer than k+1 images and for values out of range.
MiningOptions plan_mining(const MiningOptions& options, int64_t images);

// Neighbors of features [N,D]: fp32 on the CPU, contiguous (not copied: they may be a mapped file).
// Says how long it will take when that is over a minute. The same features, options and threads
// give the same table. Throws like plan_mining, Error(Fault::usage) when the memory does not
// suffice for an approximate search or faiss is missing, Error(Fault::data) for features that are
// not finite, Error(Fault::stopped) on request.
MinedNeighbors mine_neighbors(const at::Tensor& features, const MiningOptions& options,
                              const Observer& observer);

}  // namespace nolabel
