#include "nolabel/evaluate/image_status.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/evaluate/assignments.h"
#include "nolabel/evaluate/contingency.h"
#include "nolabel/evaluate/matching.h"

namespace nolabel {
namespace {

double share_elsewhere(std::span<const int> clusters, const Matrix<int64_t>& neighbors,
                       int64_t image) {
  int64_t elsewhere = 0, seen = 0;
  for (int64_t j = 1; j < neighbors.columns; ++j) {
    const int64_t neighbor = neighbors.at(image, j);
    if (neighbor < 0 || neighbor == image) continue;
    ++seen;
    if (clusters[neighbor] != clusters[image]) ++elsewhere;
  }
  return seen > 0 ? static_cast<double>(elsewhere) / static_cast<double>(seen) : 0;
}

// Adds to `doubts` what the model gives to clusters that are not matched with the image's.
void add_elsewhere(std::span<const int> clusters, int cluster_count, const Matrix<float>& other,
                   std::vector<double>& doubts) {
  const std::vector<int> of_other = clusters_of(assign(other));
  const auto columns = static_cast<int>(other.columns);
  const std::vector<int> matched =
      maximum_matching(contingency(clusters, of_other, cluster_count, columns));
  for (int64_t i = 0; i < other.rows; ++i) {
    const int column = matched[clusters[i]];
    doubts[i] += column < 0 ? 1 : 1 - other.at(i, column);
  }
}

// As NumPy's default has it: linear between the two nearest.
double quantile(const std::vector<float>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

}  // namespace

const char* status_name(ImageStatus status) {
  switch (status) {
    case ImageStatus::ok:
      return "ok";
    case ImageStatus::unsure:
      return "unsure";
    case ImageStatus::duplicate:
      return "duplicate";
    case ImageStatus::junk:
      return "junk";
  }
  return "";
}

std::vector<double> cluster_doubts(std::span<const int> clusters, int cluster_count,
                                   const Matrix<int64_t>& neighbors,
                                   const std::vector<const Matrix<float>*>& others) {
  NOLABEL_ASSERT(neighbors.rows == std::ssize(clusters));
  std::vector<double> by_models(clusters.size(), 0);
  for (const Matrix<float>* other : others) {
    NOLABEL_ASSERT(other->rows == std::ssize(clusters));
    add_elsewhere(clusters, cluster_count, *other, by_models);
  }
  std::vector<double> doubts;
  for (int64_t i = 0; i < std::ssize(clusters); ++i) {
    const double share = share_elsewhere(clusters, neighbors, i);
    doubts.push_back(
        others.empty() ? share : (share + by_models[i] / static_cast<double>(others.size())) / 2);
  }
  return doubts;
}

std::vector<bool> stand_out(const std::vector<float>& distances) {
  constexpr size_t least = 20;
  constexpr double reach = 1.5;
  std::vector<bool> result(distances.size(), false);
  if (distances.size() < least) return result;
  std::vector<float> sorted = distances;
  std::ranges::sort(sorted);
  const double lower = quantile(sorted, 0.25), upper = quantile(sorted, 0.75);
  const double fence = upper + reach * (upper - lower);
  for (size_t i = 0; i < distances.size(); ++i) result[i] = distances[i] > fence;
  return result;
}

}  // namespace nolabel
