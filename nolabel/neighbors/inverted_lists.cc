#include <ATen/ATen.h>

#include <algorithm>
#include <span>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/threads.h"
#include "nolabel/neighbors/approximate.h"
#include "nolabel/neighbors/candidates.h"
#include "nolabel/neighbors/faiss_plugin.h"
#include "nolabel/neighbors/list_centroids.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/neighbors/probe_choice.h"
#include "nolabel/neighbors/product_kernel.h"
#include "nolabel/neighbors/recall.h"
#include "nolabel/neighbors/search_progress.h"
#include "nolabel/neighbors/vectors.h"

namespace nolabel {
namespace {

constexpr int64_t kAssignedRows = 16384;  // whose lists are looked up at a time
constexpr int64_t kFloat = sizeof(float);
// A product of rows gathered for a few queries takes so much longer than one of exact search, whose
// blocks lie in order (measured on CIFAR-10 features, 50,000 x 256).
constexpr double kGatheredCost = 5.0;
// Of all rows, those that a query is compared with; a first guess (CIFAR-10 features: 0.03).
constexpr double kLikelyShare = 0.03;

// The rows, list by list.
struct Lists {
  std::vector<uint32_t> own;      // [N]: the list of each row
  std::vector<uint32_t> members;  // [N]: rows, list by list
  std::vector<int64_t> begin;     // [lists + 1]: of each list in members

  int64_t count() const { return static_cast<int64_t>(begin.size()) - 1; }
  int64_t size(int64_t list) const { return begin[list + 1] - begin[list]; }
  const uint32_t* of(int64_t list) const { return members.data() + begin[list]; }
  std::vector<int64_t> sizes() const {
    std::vector<int64_t> all(count());
    for (int64_t list = 0; list < count(); ++list) all[list] = size(list);
    return all;
  }
};

// Progress in images of work whose steps are not images: by the products that each step takes.
class Work {
 public:
  Work(double preparing, SearchProgress& progress, int64_t images)
      : total_(preparing), progress_(progress), images_(images) {}
  // The search itself is a guess until the probes are known.
  void expect(double products) { total_ = done_ + products; }
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

SearchOptions nearest_lists(const MiningOptions& plan, int count, int threads) {
  return {.count = count,
          .normalise = plan.normalise,
          .memory_bytes = plan.memory_bytes / 8,
          .threads = threads};
}

Lists assign(const at::Tensor& features, const at::Tensor& centroids, const MiningOptions& plan,
             const Observer& observer, Work& work) {
  const int64_t rows = features.size(0), lists = centroids.size(0);
  Lists result{std::vector<uint32_t>(rows), std::vector<uint32_t>(rows),
               std::vector<int64_t>(lists + 1)};
  for (int64_t first = 0; first < rows; first += kAssignedRows) {
    const at::Tensor some = features.narrow(0, first, std::min(kAssignedRows, rows - first));
    const Nearest nearest =
        find_nearest(some, centroids, nearest_lists(plan, 1, plan.threads), observer.silent());
    std::copy(nearest.indices.values.begin(), nearest.indices.values.end(),
              result.own.begin() + first);
    work.add(static_cast<double>(some.size(0) * lists));
  }
  for (const uint32_t list : result.own) ++result.begin[list + 1];
  for (int64_t list = 0; list < lists; ++list) result.begin[list + 1] += result.begin[list];
  std::vector<int64_t> next(result.begin.begin(), result.begin.end() - 1);
  for (int64_t i = 0; i < rows; ++i) {
    result.members[next[result.own[i]]++] = static_cast<uint32_t>(i);
  }
  return result;
}

// A part of one list's members, as queries.
struct Piece {
  int64_t list, first, count;
};

std::vector<Piece> pieces_of(const Lists& lists) {
  std::vector<Piece> pieces;
  for (int64_t list = 0; list < lists.count(); ++list) {
    for (int64_t first = 0; first < lists.size(list); first += kBlock) {
      pieces.push_back({list, first, std::min(kBlock, lists.size(list) - first)});
    }
  }
  return pieces;
}

// One thread that searches, with its memory.
class Searcher {
 public:
  Searcher(const Vectors& vectors, const Lists& lists, const at::Tensor& centroids,
           const MiningOptions& plan, int probes)
      : vectors_(vectors),
        lists_(lists),
        centroids_(centroids),
        plan_(plan),
        probes_(probes),
        groups_(kBlock * vectors.depth),
        panel_(kPanelColumns * vectors.depth),
        sums_(kBlock * kPanelColumns) {}

  static int64_t bytes(int64_t depth, int probes, int count) {
    // Queries, a panel and products; the queries once more with the lists nearest to them.
    const int64_t floats = 3 * kBlock * depth + kPanelColumns * depth + 2 * kBlock * kPanelColumns;
    const int64_t probed = Candidates::bytes_per_row(probes) + probes * int64_t{12 + sizeof(Visit)};
    return floats * kFloat + kBlock * (Candidates::bytes_per_row(count) + probed);
  }

  // Writes the piece's rows of `table`.
  void search(const Piece& piece, Matrix<int64_t>& table) {
    const uint32_t* queries = lists_.of(piece.list) + piece.first;
    Candidates candidates(piece.count, static_cast<int>(table.columns));
    const std::vector<Visit> visits = visits_of(queries, piece.count);
    for (auto from = visits.begin(); from != visits.end();) {
      auto to = from;
      while (to != visits.end() && to->list == from->list) ++to;
      visit(queries, {from, to}, candidates);
      from = to;
    }
    for (int64_t q = 0; q < piece.count; ++q) candidates.take(q, table.row(queries[q]), nullptr);
  }

 private:
  struct Visit {
    uint32_t list, query;  // the query's place in the piece
    auto operator<=>(const Visit&) const = default;
  };

  // Who looks into which list, list by list.
  std::vector<Visit> visits_of(const uint32_t* queries, int64_t count) const {
    const at::Tensor rows = at::empty({count, vectors_.depth}, at::kFloat);
    for (int64_t q = 0; q < count; ++q) {
      std::copy_n(vectors_.values + queries[q] * vectors_.depth, vectors_.depth,
                  rows.mutable_data_ptr<float>() + q * vectors_.depth);
    }
    const Nearest nearest =
        find_nearest(rows, centroids_, nearest_lists(plan_, probes_, 1), Observer{});
    std::vector<Visit> visits;
    visits.reserve(count * probes_);
    for (int64_t q = 0; q < count; ++q) {
      for (int p = 0; p < probes_; ++p) {
        const auto list = static_cast<uint32_t>(nearest.indices.at(q, p));
        visits.push_back({list, static_cast<uint32_t>(q)});
      }
    }
    std::sort(visits.begin(), visits.end());
    return visits;
  }

  // Compares the queries of `visits` with all members of their list.
  void visit(const uint32_t* queries, std::span<const Visit> visits, Candidates& candidates) {
    const auto rows = static_cast<int64_t>(visits.size());
    const int64_t list = visits[0].list;
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
  const at::Tensor& centroids_;
  const MiningOptions& plan_;
  const int probes_;
  const ProductKernel kernel_ = product_kernel();
  std::vector<float> groups_, panel_, sums_;
};

void require_memory_for(const Vectors& vectors, const MiningOptions& plan, int probes) {
  const int64_t lists = 12 * vectors.rows;  // its scale, list and place
  const int64_t searching =
      plan.lists * vectors.depth * kFloat +
      plan.threads * Searcher::bytes(vectors.depth, probes, plan.neighbors + 1);
  const int64_t training = centroid_bytes(vectors.rows, vectors.depth, plan.lists);
  require_memory("ivf", lists + std::max(training, searching), plan);
}

}  // namespace

ApproximateTable search_inverted_lists(const at::Tensor& features, const MiningOptions& plan,
                                       const Observer& observer) {
  load_faiss();
  const Vectors vectors = prepare_vectors(features, plan.normalise, plan.threads);
  require_memory_for(vectors, plan, std::max(plan.probes, 1));
  const auto rows = static_cast<double>(vectors.rows);
  const double preparing =
      centroid_products(vectors.rows, vectors.depth, plan.lists) + rows * plan.lists;
  SearchProgress progress(format("ivf search of {} images", vectors.rows), vectors.rows, observer);
  Work work(preparing + rows * (plan.lists + kGatheredCost * kLikelyShare * rows), progress,
            vectors.rows);

  const at::Tensor centroids = train_centroids(vectors, plan.lists, plan.seed, plan.threads,
                                               [&](double products) { work.add(products); });
  const Lists lists = assign(features, centroids, plan, observer, work);
  const Probing probing =
      choose_probes(features, centroids, lists.own, lists.sizes(),
                    true_neighbors(features, plan, RecallSample::tuning, observer), plan);
  const double searching = rows * (plan.lists + kGatheredCost * probing.scanned);
  if (plan.probes == 0 && searching > rows * rows / 2) return {{}, probing.probes};
  require_memory_for(vectors, plan, probing.probes);
  work.expect(searching);

  ApproximateTable result{{vectors.rows, plan.neighbors + 1}, probing.probes};
  std::fill(result.indices.values.begin(), result.indices.values.end(), -1);
  const std::vector<Piece> pieces = pieces_of(lists);
  // In waves, so that progress is shown.
  const int64_t wave = 32 * plan.threads;
  for (size_t piece = 0; piece < pieces.size(); piece += wave) {
    const int64_t count = std::min<int64_t>(wave, static_cast<int64_t>(pieces.size() - piece));
    parallel_for(count, plan.threads, 1, [&](int64_t from, int64_t to) {
      Searcher searcher(vectors, lists, centroids, plan, probing.probes);
      for (int64_t p = from; p < to; ++p) {
        observer.stop_if_requested();
        searcher.search(pieces[piece + p], result.indices);
      }
    });
    for (int64_t p = 0; p < count; ++p) {
      work.add(static_cast<double>(pieces[piece + p].count) * searching / rows);
    }
  }
  return result;
}

}  // namespace nolabel
