#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/base/threads.h"
#include "nolabel/neighbors/approximate.h"
#include "nolabel/neighbors/candidates.h"
#include "nolabel/neighbors/faiss_plugin.h"
#include "nolabel/neighbors/product_kernel.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

constexpr int kRounds = 10;               // of k-means
constexpr int64_t kSamplesPerList = 64;   // what k-means learns from
constexpr int64_t kAssignedRows = 16384;  // whose lists are looked up at a time
constexpr int64_t kFloat = sizeof(float);

// Which lists each row looks into, and who is in each list.
struct Lists {
  int probes;
  std::vector<uint32_t> probed;   // [N, probes]: nearest first; the first is the row's own
  std::vector<uint32_t> members;  // [N]: rows, list by list
  std::vector<int64_t> begin;     // [lists + 1]: of each list in members

  int64_t size(int64_t list) const { return begin[list + 1] - begin[list]; }
  const uint32_t* of(int64_t list) const { return members.data() + begin[list]; }
};

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

// Progress in images of work whose steps are not images: by the products that each step takes.
class Work {
 public:
  Work(double total, SearchProgress& progress, int64_t images)
      : total_(total), progress_(progress), images_(images) {}
  void add(double products) {
    done_ += products;
    progress_.update(
        static_cast<int64_t>(static_cast<double>(images_) * std::min(done_ / total_, 1.0)));
  }

 private:
  double total_, done_ = 0;
  SearchProgress& progress_;
  int64_t images_;
};

int64_t sample_size(const Vectors& vectors, int lists, const SearchOptions& options) {
  const int64_t half = options.memory_bytes / 2 / (vectors.depth * kFloat);
  return std::min({vectors.rows, kSamplesPerList * lists, std::max<int64_t>(half, lists)});
}

at::Tensor train_centroids(const Vectors& vectors, int lists, int seed,
                           const SearchOptions& options, Work& work) {
  const FaissFunctions& faiss = load_faiss();
  const int64_t count = sample_size(vectors, lists, options);
  const std::vector<float> sample = draw_sample(vectors, count, seed);
  at::Tensor centroids = at::empty({lists, vectors.depth}, at::kFloat);
  for (int round = 0; round < kRounds; ++round) {
    check_faiss(faiss.train_centroids(sample.data(), count, vectors.depth, lists, seed, round == 0,
                                      options.threads, centroids.mutable_data_ptr<float>()));
    work.add(static_cast<double>(count) * lists);
  }
  return centroids;
}

Lists assign(const at::Tensor& features, const at::Tensor& centroids, int probes,
             const SearchOptions& options, const Observer& observer, Work& work) {
  const int64_t rows = features.size(0), lists = centroids.size(0);
  Lists result{probes, std::vector<uint32_t>(rows * probes), std::vector<uint32_t>(rows),
               std::vector<int64_t>(lists + 1)};
  SearchOptions search = options;
  search.count = probes;
  search.memory_bytes = options.memory_bytes / 8;
  for (int64_t first = 0; first < rows; first += kAssignedRows) {
    const at::Tensor some = features.narrow(0, first, std::min(kAssignedRows, rows - first));
    const Nearest nearest = find_nearest(some, centroids, search, observer.silent());
    std::copy(nearest.indices.values.begin(), nearest.indices.values.end(),
              result.probed.begin() + first * probes);
    work.add(static_cast<double>(some.size(0) * lists));
  }
  for (int64_t i = 0; i < rows; ++i) ++result.begin[result.probed[i * probes] + 1];
  for (int64_t list = 0; list < lists; ++list) result.begin[list + 1] += result.begin[list];
  std::vector<int64_t> next(result.begin.begin(), result.begin.end() - 1);
  for (int64_t i = 0; i < rows; ++i) {
    result.members[next[result.probed[i * probes]]++] = static_cast<uint32_t>(i);
  }
  return result;
}

// A part of one list's members, as queries.
struct Piece {
  int64_t list, first, count;
};

std::vector<Piece> pieces_of(const Lists& lists) {
  std::vector<Piece> pieces;
  for (int64_t list = 0; list + 1 < static_cast<int64_t>(lists.begin.size()); ++list) {
    for (int64_t first = 0; first < lists.size(list); first += kBlock) {
      pieces.push_back({list, first, std::min(kBlock, lists.size(list) - first)});
    }
  }
  return pieces;
}

// Memory of one thread that searches.
class Searcher {
 public:
  Searcher(const Vectors& vectors, const Lists& lists)
      : vectors_(vectors),
        lists_(lists),
        groups_(kBlock * vectors.depth),
        panel_(kPanelColumns * vectors.depth),
        sums_(kBlock * kPanelColumns) {}

  static int64_t bytes(int64_t depth, int probes, int count) {
    const int64_t floats = kBlock * depth + kPanelColumns * depth + kBlock * kPanelColumns;
    return floats * kFloat + kBlock * (Candidates::bytes_per_row(count) +
                                       probes * static_cast<int64_t>(sizeof(Visit)));
  }

  // Writes the piece's rows of `table`.
  void search(const Piece& piece, Matrix<int64_t>& table) {
    const uint32_t* queries = lists_.of(piece.list) + piece.first;
    Candidates candidates(piece.count, static_cast<int>(table.columns));
    std::vector<Visit> visits;
    for (int64_t q = 0; q < piece.count; ++q) {
      const uint32_t* probed = lists_.probed.data() + int64_t{queries[q]} * lists_.probes;
      for (int p = 0; p < lists_.probes; ++p)
        visits.push_back({probed[p], static_cast<uint32_t>(q)});
    }
    std::sort(visits.begin(), visits.end());
    for (auto from = visits.begin(); from != visits.end();) {
      auto to = from;
      while (to != visits.end() && to->list == from->list) ++to;
      visit(queries, from->list, {from, to}, candidates);
      from = to;
    }
    for (int64_t q = 0; q < piece.count; ++q) candidates.take(q, table.row(queries[q]), nullptr);
  }

 private:
  struct Visit {
    uint32_t list, query;  // the query's place in the piece
    auto operator<=>(const Visit&) const = default;
  };

  // Compares the queries of `visits` with all members of one list.
  void visit(const uint32_t* queries, int64_t list, std::vector<Visit> visits,
             Candidates& candidates) {
    const auto rows = static_cast<int64_t>(visits.size());
    std::vector<uint32_t> ids(rows);
    for (int64_t r = 0; r < rows; ++r) ids[r] = queries[visits[r].query];
    vectors_.pack(ids.data(), rows, kGroupRows, groups_.data());
    for (int64_t c = 0; c < lists_.size(list); c += kPanelColumns) {
      const uint32_t* columns = lists_.of(list) + c;
      const int64_t count = std::min<int64_t>(kPanelColumns, lists_.size(list) - c);
      vectors_.pack(columns, count, kPanelColumns, panel_.data());
      multiply_panel(kernel_, groups_.data(), panel_.data(), rows, vectors_.depth, sums_.data());
      for (int64_t r = 0; r < rows; ++r) {
        const float* sums = sums_.data() + r * kPanelColumns;
        const float threshold = candidates.thresholds()[visits[r].query];
        for (int64_t i = 0; i < count; ++i) {
          if (sums[i] >= threshold) candidates.offer(visits[r].query, sums[i], columns[i]);
        }
      }
    }
  }

  const Vectors& vectors_;
  const Lists& lists_;
  const ProductKernel kernel_ = product_kernel();
  std::vector<float> groups_, panel_, sums_;
};

}  // namespace

Matrix<int64_t> search_inverted_lists(const at::Tensor& features, int lists, int probes, int seed,
                                      const SearchOptions& options, const Observer& observer) {
  load_faiss();
  const Vectors vectors = prepare_vectors(features, options.normalise, options.threads);
  // Thrice the centroids: ours, faiss's, and faiss's index of them.
  require_memory("ivf",
                 vectors.rows * (4 * probes + 16) + 3 * lists * vectors.depth * kFloat +
                     options.threads * Searcher::bytes(vectors.depth, probes, options.count),
                 options);
  SearchProgress progress(
      format("ivf search of {} images ({} lists, {} probed)", vectors.rows, lists, probes),
      vectors.rows, observer);
  const double scanned = static_cast<double>(vectors.rows) * probes / lists;  // of a query
  const double preparing =
      (kRounds * static_cast<double>(sample_size(vectors, lists, options)) + vectors.rows) * lists;
  Work work(preparing + vectors.rows * scanned, progress, vectors.rows);
  const at::Tensor centroids = train_centroids(vectors, lists, seed, options, work);
  const Lists found = assign(features, centroids, probes, options, observer, work);
  const std::vector<Piece> pieces = pieces_of(found);
  Matrix<int64_t> table(vectors.rows, options.count);
  std::fill(table.values.begin(), table.values.end(), -1);
  // In waves, so that progress is shown.
  const int64_t wave = 4 * options.threads;
  for (size_t piece = 0; piece < pieces.size(); piece += wave) {
    const int64_t count = std::min<int64_t>(wave, static_cast<int64_t>(pieces.size() - piece));
    parallel_for(count, options.threads, 1, [&](int64_t from, int64_t to) {
      Searcher searcher(vectors, found);
      for (int64_t p = from; p < to; ++p) {
        observer.stop_if_requested();
        searcher.search(pieces[piece + p], table);
      }
    });
    for (int64_t p = 0; p < count; ++p) work.add(pieces[piece + p].count * scanned);
  }
  return table;
}

}  // namespace nolabel
