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
          .threads = threads,
          .similarities = false};
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

std::vector<Piece> pieces_of(const Lists& lists, int64_t rows) {
  std::vector<Piece> pieces;
  for (int64_t list = 0; list < lists.count(); ++list) {
    for (int64_t first = 0; first < lists.size(list); first += rows) {
      pieces.push_back({list, first, std::min(rows, lists.size(list) - first)});
    }
  }
  return pieces;
}

// One thread that searches for pieces of at most `rows` queries, with its memory.
class Searcher {
 public:
  Searcher(const Vectors& vectors, const Lists& lists, const at::Tensor& centroids,
           const MiningOptions& plan, int probes, int64_t rows)
      : vectors_(vectors),
        lists_(lists),
        centroids_(centroids),
        plan_(plan),
        probes_(probes),
        groups_(rows * vectors.depth),
        panel_(kPanelColumns * vectors.depth),
        sums_(rows * kPanelColumns) {}

  // Whatever the number of queries: a panel, and two blocks and products of the search for lists.
  static int64_t fixed_bytes(int64_t depth) {
    return ((2 * kBlock + kPanelColumns) * depth + kBlock * kPanelColumns) * kFloat;
  }
  // Of a query: itself in two places, its products and matches, and the lists nearest to it.
  static int64_t bytes_per_query(int64_t depth, int probes, int count) {
    const int64_t lists = Candidates::bytes_per_row(probes) +
                          probes * static_cast<int64_t>(sizeof(int64_t) + sizeof(Visit));
    return (2 * depth + kPanelColumns) * kFloat + Candidates::bytes_per_row(count) + lists;
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

// What the search holds beside what its threads do: of each row its scale, list and place, and the
// centroids.
int64_t shared_bytes(const Vectors& vectors, const MiningOptions& plan) {
  return 12 * vectors.rows + plan.lists * vectors.depth * kFloat;
}

// Queries that a thread searches for at a time: as many as the memory has room for, so that it
// suffices for any number of probes.
int64_t rows_per_piece(const Vectors& vectors, const MiningOptions& plan, int probes) {
  const int64_t room = (plan.memory_bytes - shared_bytes(vectors, plan)) / plan.threads -
                       Searcher::fixed_bytes(vectors.depth);
  const int64_t rows = room / Searcher::bytes_per_query(vectors.depth, probes, plan.neighbors + 1);
  return std::clamp<int64_t>(rows / kGroupRows * kGroupRows, kGroupRows, kBlock);
}

// Before the probes are known: there are no more than lists.
void require_memory_for(const Vectors& vectors, const MiningOptions& plan) {
  const int probes = plan.probes > 0 ? plan.probes : plan.lists;
  const int64_t thread =
      Searcher::fixed_bytes(vectors.depth) +
      kGroupRows * Searcher::bytes_per_query(vectors.depth, probes, plan.neighbors + 1);
  const int64_t searching = shared_bytes(vectors, plan) + plan.threads * thread;
  const int64_t training =
      12 * vectors.rows + centroid_bytes(vectors.rows, vectors.depth, plan.lists);
  require_memory("ivf", std::max(training, searching), plan);
}

}  // namespace

ApproximateTable search_inverted_lists(const at::Tensor& features, const MiningOptions& plan,
                                       const Observer& observer) {
  load_faiss();
  const Vectors vectors = prepare_vectors(features, plan.normalise, plan.threads);
  require_memory_for(vectors, plan);
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
      plan.probes > 0
          ? given_probes(lists.sizes(), plan.probes)
          : choose_probes(features, centroids, lists.own, lists.sizes(),
                          true_neighbors(features, plan, RecallSample::tuning, observer), plan);
  const double searching = rows * (plan.lists + kGatheredCost * probing.scanned);
  if (plan.probes == 0 && searching > rows * rows / 2) return {{}, probing.probes};
  work.expect(searching);

  ApproximateTable result{{vectors.rows, plan.neighbors + 1}, probing.probes};
  std::fill(result.indices.values.begin(), result.indices.values.end(), -1);
  const int64_t piece_rows = rows_per_piece(vectors, plan, probing.probes);
  const std::vector<Piece> pieces = pieces_of(lists, piece_rows);
  // In waves, so that progress is shown.
  const int64_t wave = 32 * plan.threads;
  for (size_t piece = 0; piece < pieces.size(); piece += wave) {
    const int64_t count = std::min<int64_t>(wave, static_cast<int64_t>(pieces.size() - piece));
    parallel_for(count, plan.threads, 1, [&](int64_t from, int64_t to) {
      Searcher searcher(vectors, lists, centroids, plan, probing.probes, piece_rows);
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
