#include "nolabel/evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "nolabel/base/error.h"
#include "nolabel/evaluate/contingency.h"
#include "nolabel/evaluate/expected_information.h"

namespace nolabel {
namespace {

// The table's margins without empty clusters and classes.
struct Margins {
  std::vector<int64_t> clusters, classes;
  int64_t images = 0;
  // Clusters and classes divide the images in the same way (or neither divides them).
  bool identical = false;

  explicit Margins(const Matrix<int64_t>& counts)
      : clusters(row_sums(counts)), classes(column_sums(counts)) {
    std::erase(clusters, 0);
    std::erase(classes, 0);
    for (int64_t n : clusters) images += n;
    const auto overlaps =
        counts.values.size() - static_cast<size_t>(std::ranges::count(counts.values, 0));
    identical = clusters.size() == overlaps && classes.size() == overlaps;
  }
};

// -sum n/N log(n/N), in nats.
double entropy_of_sizes(const std::vector<int64_t>& sizes, int64_t total) {
  double sum = 0;
  for (int64_t n : sizes) {
    const double share = static_cast<double>(n) / static_cast<double>(total);
    sum -= share * std::log(share);
  }
  return sum;
}

double mean_entropy(const Margins& margins) {
  return (entropy_of_sizes(margins.clusters, margins.images) +
          entropy_of_sizes(margins.classes, margins.images)) /
         2;
}

// sum n_kc/N log(N n_kc / (n_k n_c)), in nats.
double mutual_information(const Matrix<int64_t>& counts) {
  const std::vector<int64_t> clusters = row_sums(counts), classes = column_sums(counts);
  double images = 0;
  for (int64_t n : clusters) images += static_cast<double>(n);
  double sum = 0;
  for (int64_t k = 0; k < counts.rows; ++k) {
    for (int64_t c = 0; c < counts.columns; ++c) {
      if (counts.at(k, c) == 0) continue;
      const double n = static_cast<double>(counts.at(k, c));
      sum += n / images *
             (std::log(n) + std::log(images) - std::log(static_cast<double>(clusters[k])) -
              std::log(static_cast<double>(classes[c])));
    }
  }
  // Independent clusters and classes leave only rounding.
  return std::abs(sum) < std::numeric_limits<double>::epsilon() ? 0 : sum;
}

// Ordered pairs of distinct images within the groups.
double pairs(const std::vector<int64_t>& sizes) {
  double sum = 0;
  for (int64_t n : sizes) sum += static_cast<double>(n) * static_cast<double>(n - 1);
  return sum;
}

}  // namespace

double accuracy(const Matrix<int64_t>& counts, const std::vector<int>& matching) {
  NOLABEL_ASSERT(static_cast<int64_t>(matching.size()) == counts.rows);
  int64_t right = 0, images = 0;
  for (int64_t k = 0; k < counts.rows; ++k) {
    for (int64_t c = 0; c < counts.columns; ++c) images += counts.at(k, c);
    if (matching[k] >= 0) right += counts.at(k, matching[k]);
  }
  NOLABEL_ASSERT(images > 0);
  return static_cast<double>(right) / static_cast<double>(images);
}

double normalized_mutual_information(const Matrix<int64_t>& counts) {
  const Margins margins(counts);
  if (margins.identical) return 1;
  return mutual_information(counts) / mean_entropy(margins);
}

double adjusted_mutual_information(const Matrix<int64_t>& counts) {
  const Margins margins(counts);
  if (margins.identical) return 1;
  if (margins.clusters.size() == 1 || margins.classes.size() == 1) return 0;
  const double expected =
      expected_mutual_information(margins.clusters, margins.classes, margins.images);
  return (mutual_information(counts) - expected) / (mean_entropy(margins) - expected);
}

double adjusted_rand_index(const Matrix<int64_t>& counts) {
  const Margins margins(counts);
  if (margins.identical) return 1;
  const double together = pairs(counts.values);  // in the same cluster and the same class
  const double in_clusters = pairs(margins.clusters), in_classes = pairs(margins.classes);
  const double all = static_cast<double>(margins.images) * static_cast<double>(margins.images - 1);
  const double expected = in_clusters / all * in_classes;
  return (together - expected) / ((in_clusters + in_classes) / 2 - expected);
}

double top_n_accuracy(const Matrix<float>& probabilities, std::span<const int> classes,
                      const std::vector<int>& matching, int n) {
  NOLABEL_ASSERT(static_cast<int64_t>(classes.size()) == probabilities.rows);
  NOLABEL_ASSERT(static_cast<int64_t>(matching.size()) == probabilities.columns);
  NOLABEL_ASSERT(!classes.empty());
  int64_t right = 0;
  for (int64_t i = 0; i < probabilities.rows; ++i) {
    const auto matched = std::find(matching.begin(), matching.end(), classes[i]);
    if (matched == matching.end()) continue;
    const auto cluster = matched - matching.begin();
    const float* p = probabilities.row(i);
    int before = 0;  // clusters ranked above the matched one
    for (int64_t k = 0; k < probabilities.columns; ++k) {
      before += p[k] > p[cluster] || (p[k] == p[cluster] && k < cluster);
    }
    right += before < n;
  }
  return static_cast<double>(right) / static_cast<double>(classes.size());
}

}  // namespace nolabel
