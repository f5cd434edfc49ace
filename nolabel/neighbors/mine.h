// Mining: the nearest neighbors of every image in feature space, the input of the SCAN step.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "nolabel/base/npy.h"
#include "nolabel/group/group.h"
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
  // Of approximate search: the share of the true neighbors that it must find. `probes` or `breadth`
  // become as large as that takes, measured on a sample of images; unless they are given.
  double recall = 0.95;
  // Of ivf: into how many lists the images are divided (0: plan_mining chooses), and how many of
  // them an image looks into (0: as many as `recall` takes).
  int lists = 0;
  int probes = 0;
  // Of hnsw: how many links an image has, how many candidates are kept while one is inserted (0:
  // plan_mining chooses), and while neighbors are searched (0: as many as `recall` takes).
  int links = 0;
  int build_breadth = 0;
  int breadth = 0;
  // Of hnsw: all threads insert. Faster, but each run makes a slightly different graph.
  bool parallel_build = false;
  int seed = 0;  // of the samples: for ivf's lists, for choosing, for measuring the recall
  int recall_images = 1000;  // of the sample for choosing, and of the one for measuring
  // Of exact search: what to do instead, shown with the estimate of more than a quarter of an hour.
  std::string advice{};
  // Of exact search: the leader's group, whose workers answer with help_to_search(). Approximate
  // search is the leader's alone.
  std::shared_ptr<Group> group = single_process();
};

struct MinedNeighbors {
  // [N,k+1]: for each image the k+1 images with the largest inner product, ties to the lower index.
  // The image itself normally stands first; what is at least as similar may stand before it (an
  // exact duplicate). Exact search finds all; approximate search misses some, whose places the next
  // best take.
  Matrix<int64_t> table;
  // Of approximate search: the share of the true k nearest (without the image itself) that it
  // found, over a sample of images that it was not tuned on; and the probes or the breadth that it
  // took. It took exact search (0) where that is less work: then the recall is 1.
  std::optional<double> recall;
  std::optional<int> effort;
};

// The options with the 0 of lists, links and build_breadth replaced by what suits N images (lists =
// 2√N, links = 16, build_breadth = 64). Throws Error(Fault::usage) for fewer than k+1 images and
// for values out of range.
MiningOptions plan_mining(const MiningOptions& options, int64_t images);

// Neighbors of features [N,D]: fp32 on the CPU, contiguous (not copied: they may be a mapped file).
// Says how long it will take when that is over a minute. The same features, options and threads
// give the same table, but for parallel_build. Throws like plan_mining, Error(Fault::usage) when
// the memory does not suffice for an approximate search or faiss is missing, Error(Fault::data) for
// features that are not finite, Error(Fault::stopped) on request.
MinedNeighbors mine_neighbors(const at::Tensor& features, const MiningOptions& options,
                              const Observer& observer);

// Whether this build has faiss.
bool has_approximate_search();
// Throws Error(Fault::usage) if it does not.
void require_approximate_search();

}  // namespace nolabel
