// libnolabel_faiss.so: what faiss does for mining. See nolabel/neighbors/faiss_plugin.h.
#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/impl/DistanceComputer.h>
#include <omp.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string>

#include "nolabel/neighbors/faiss_plugin.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define NOLABEL_PRODUCT_CLONES __attribute__((target_clones("arch=haswell", "default")))
#else
#define NOLABEL_PRODUCT_CLONES
#endif

namespace nolabel {
namespace {

// faiss takes as many threads as OpenMP offers to the calling thread.
class Threads {
 public:
  explicit Threads(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { omp_set_num_threads(before_); }

 private:
  int before_;
};

template <class Work>
const char* guarded(const Work& work) {
  thread_local std::string problem;
  try {
    work();
    return nullptr;
  } catch (const std::exception& error) {
    problem = error.what();
    std::replace(problem.begin(), problem.end(), '\n', ' ');
    return problem.c_str();
  }
}

// The distribution builds faiss for the oldest processors; this takes AVX2 where there is.
NOLABEL_PRODUCT_CLONES float inner_product(const float* a, const float* b, int64_t width) {
  using Lanes = float __attribute__((vector_size(32), aligned(4)));
  constexpr int64_t lanes = 8, sums = 4;
  Lanes sum[sums] = {};
  int64_t d = 0;
  for (; d + sums * lanes <= width; d += sums * lanes) {
    for (int64_t s = 0; s < sums; ++s) {
      sum[s] += *reinterpret_cast<const Lanes*>(a + d + s * lanes) *
                *reinterpret_cast<const Lanes*>(b + d + s * lanes);
    }
  }
  const Lanes all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  float total = 0;
  for (int64_t i = 0; i < lanes; ++i) total += all[i];
  for (; d < width; ++d) total += a[d] * b[d];
  return total;
}

// Inner products of scaled rows. What faiss takes for a query only says which row is: it points at
// row i, and the query is row i, or row queries[i].
class Products : public faiss::DistanceComputer {
 public:
  Products(const ScaledRows& rows, const int64_t* queries) : rows_(rows), queries_(queries) {}

  void set_query(const float* query) override {
    const int64_t i = (query - rows_.values) / rows_.width;
    query_ = queries_ ? queries_[i] : i;
  }
  float operator()(int64_t i) override { return symmetric_dis(query_, i); }
  float symmetric_dis(int64_t i, int64_t j) override {
    return inner_product(row(i), row(j), rows_.width) * rows_.scales[i] * rows_.scales[j];
  }

 private:
  const float* row(int64_t i) const { return rows_.values + i * rows_.width; }

  const ScaledRows& rows_;
  const int64_t* queries_;
  int64_t query_ = 0;
};

// The caller's rows as faiss's storage, without a copy.
class Storage : public faiss::Index {
 public:
  explicit Storage(const ScaledRows& rows)
      : Index(static_cast<int>(rows.width), faiss::METRIC_INNER_PRODUCT), rows_(rows) {}

  const ScaledRows& rows() const { return rows_; }
  void add(int64_t count, const float*) override { ntotal += count; }
  void reset() override { ntotal = 0; }
  void search(int64_t, const float*, int64_t, float*, int64_t*,
              const faiss::SearchParameters*) const override {
    throw std::logic_error("only the graph is searched");
  }
  // The rows that the next queries stand for. Null: all, in order.
  void set_queries(const int64_t* queries) { queries_ = queries; }
  faiss::DistanceComputer* get_distance_computer() const override {
    return new Products(rows_, queries_);
  }

 private:
  ScaledRows rows_;
  const int64_t* queries_ = nullptr;
};

struct Graph {
  Graph(const ScaledRows& rows, int links, int breadth) : storage(rows), index(&storage, links) {
    index.hnsw.efConstruction = breadth;
    // Otherwise they grow by doubling. Beyond the lowest level a row has about one link (1/M of the
    // rows have M there).
    index.hnsw.neighbors.reserve(rows.rows * (2 * links + 2));
    index.hnsw.levels.reserve(rows.rows);
    index.hnsw.offsets.reserve(rows.rows + 1);
  }

  Storage storage;
  faiss::IndexHNSW index;
};

const char* train_centroids(const float* sample, int64_t count, int64_t width, int lists, int seed,
                            bool first, int threads, float* centroids) {
  return guarded([&] {
    const Threads team(threads);
    faiss::ClusteringParameters parameters;
    parameters.niter = 1;
    parameters.spherical = true;
    parameters.seed = seed;
    parameters.min_points_per_centroid = 1;  // no warning on stderr
    parameters.max_points_per_centroid = static_cast<int>(count / lists) + 1;  // all of the sample
    faiss::Clustering clustering(static_cast<int>(width), lists, parameters);
    if (!first) clustering.centroids.assign(centroids, centroids + lists * width);
    faiss::IndexFlatIP index(width);
    clustering.train(count, sample, index);
    std::copy_n(clustering.centroids.data(), lists * width, centroids);
  });
}

const char* make_graph(const ScaledRows* rows, int links, int breadth, void** graph) {
  return guarded([&] { *graph = new Graph(*rows, links, breadth); });
}

const char* extend_graph(void* graph, int64_t count, int threads) {
  return guarded([&] {
    const Threads team(threads);
    auto& [storage, index] = *static_cast<Graph*>(graph);
    const ScaledRows& rows = storage.rows();
    storage.set_queries(nullptr);
    index.add(count, rows.values + index.ntotal * rows.width);
  });
}

const char* search_graph(void* graph, const int64_t* queries, int64_t count, int wanted,
                         int breadth, int threads, int64_t* indices, float* similarities) {
  return guarded([&] {
    const Threads team(threads);
    auto& [storage, index] = *static_cast<Graph*>(graph);
    index.hnsw.efSearch = breadth;
    storage.set_queries(queries);
    index.search(count, storage.rows().values, wanted, similarities, indices);
  });
}

void free_graph(void* graph) {
  delete static_cast<Graph*>(graph);
}

}  // namespace
}  // namespace nolabel

extern "C" const nolabel::FaissFunctions* nolabel_faiss_functions() {
  static constexpr nolabel::FaissFunctions functions{nolabel::train_centroids, nolabel::make_graph,
                                                     nolabel::extend_graph, nolabel::search_graph,
                                                     nolabel::free_graph};
  return &functions;
}
