#include "nolabel/evaluate/expected_information.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace nolabel {
namespace {

// log n! for n = 0..largest.
std::vector<double> log_factorials(int64_t largest) {
  std::vector<double> table(largest + 1);
  for (int64_t n = 1; n <= largest; ++n) table[n] = std::lgamma(static_cast<double>(n) + 1);
  return table;
}

// What one cluster of size a and one class of size b contribute: the sum over every overlap n they
// can have, its information times its hypergeometric probability.
double expected_term(int64_t a, int64_t b, int64_t images, const std::vector<double>& factorial) {
  const double log_constant = factorial[a] + factorial[b] + factorial[images - a] +
                              factorial[images - b] - factorial[images];
  const double log_sizes = std::log(static_cast<double>(a)) + std::log(static_cast<double>(b));
  const double log_images = std::log(static_cast<double>(images));
  double sum = 0;
  for (int64_t n = std::max<int64_t>(1, a + b - images); n <= std::min(a, b); ++n) {
    const double log_probability = log_constant - factorial[n] - factorial[a - n] -
                                   factorial[b - n] - factorial[images - a - b + n];
    const double overlap = static_cast<double>(n);
    sum += overlap / static_cast<double>(images) * (log_images + std::log(overlap) - log_sizes) *
           std::exp(log_probability);
  }
  return sum;
}

// How often each size occurs: equal sizes contribute equal terms, which makes 1,000 classes of 50
// images as quick as one.
std::map<int64_t, int64_t> size_counts(const std::vector<int64_t>& sizes) {
  std::map<int64_t, int64_t> counts;
  for (int64_t size : sizes) ++counts[size];
  return counts;
}

}  // namespace

double expected_mutual_information(const std::vector<int64_t>& clusters,
                                   const std::vector<int64_t>& classes, int64_t images) {
  const std::vector<double> factorial = log_factorials(images);
  double sum = 0;
  for (const auto& [a, how_often_a] : size_counts(clusters)) {
    for (const auto& [b, how_often_b] : size_counts(classes)) {
      sum +=
          static_cast<double>(how_often_a * how_often_b) * expected_term(a, b, images, factorial);
    }
  }
  return sum;
}

}  // namespace nolabel
