#include "nolabel/pipeline/drift.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "nolabel/base/format.h"
#include "nolabel/neighbors/nearest.h"
#include "nolabel/pipeline/yardstick.h"

namespace nolabel {
namespace {

constexpr int64_t compared_known = 2000;
constexpr int64_t fewest_to_judge = 10;
constexpr double much_far = 0.25, much_unsure = 0.2;

// [Q] 1 - cosine of each query to match `place` of the database.
std::vector<float> distances_to(const at::Tensor& queries, const at::Tensor& database, int place,
                                const Environment& environment) {
  const Nearest nearest =
      find_nearest(queries.contiguous(), database.contiguous(),
                   {.count = place + 1, .normalise = false, .threads = environment.threads},
                   environment.observer.silent());
  std::vector<float> distances;
  for (int64_t i = 0; i < nearest.similarities.rows; ++i) {
    distances.push_back(1 - nearest.similarities.at(i, place));
  }
  return distances;
}

// The value below which a share of them lies.
double quantile(std::vector<float> values, double share) {
  const auto place = static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
  return values[place];
}

double share_of_unsure(const std::vector<ImageStatus>& statuses) {
  return static_cast<double>(std::ranges::count(statuses, ImageStatus::unsure)) /
         static_cast<double>(std::max<size_t>(1, statuses.size()));
}

}  // namespace

Drift drift_of(const at::Tensor& known, const std::vector<ImageStatus>& known_statuses,
               const at::Tensor& fresh, const std::vector<ImageStatus>& fresh_statuses,
               const Environment& environment) {
  if (fresh.size(0) == 0 || known.size(0) < 2) return {.images = fresh.size(0)};
  const CenteredUnitSpace space(known);
  const at::Tensor rows = space.rows(known);
  // Evenly spaced: neighbors in the order of the run are often of one kind.
  const int64_t step = (known.size(0) + compared_known - 1) / compared_known;
  const at::Tensor some = rows.slice(0, 0, rows.size(0), step);
  const std::vector<float> among_known = distances_to(some, rows, 1, environment);
  Drift drift{.images = fresh.size(0),
              .is_known = true,
              .unsure = share_of_unsure(fresh_statuses),
              .unsure_known = share_of_unsure(known_statuses),
              .distances = distances_to(space.rows(fresh), rows, 0, environment)};
  drift.distance = quantile(drift.distances, 0.5);
  drift.distance_known = quantile(among_known, 0.5);
  const double limit = quantile(among_known, 0.95);
  drift.far = static_cast<double>(std::ranges::count_if(
                  drift.distances, [limit](float distance) { return distance > limit; })) /
              static_cast<double>(drift.images);
  return drift;
}

std::string drift_warning(const Drift& drift, const std::string& advice) {
  if (drift.images < fewest_to_judge) return "";
  std::string why;
  if (!drift.is_known) {
    why = "no known image is left that the new images could be compared with";
  } else if (drift.far >= much_far) {
    why = format("{:.0f} % of the new images are unlike any known image (5 % are usual)",
                 drift.far * 100);
  } else if (drift.unsure >= drift.unsure_known + much_unsure) {
    why = format("{:.0f} % of the new images are unsure, and {:.0f} % of the known ones",
                 drift.unsure * 100, drift.unsure_known * 100);
  } else {
    return "";
  }
  return format("{}, so the clusters may not fit them. {}", why, advice);
}

}  // namespace nolabel
