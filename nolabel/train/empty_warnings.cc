#include "nolabel/train/empty_warnings.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "nolabel/base/format.h"

namespace nolabel {

void EmptyWarnings::after_epoch(int epoch, int64_t steps, const EpochLog& log,
                                nlohmann::json& record) {
  if (const int64_t empty = log.batches_without_training(); empty > 0) {
    record["batches_without_training"] = empty;
    if (batches_ == 0) {
      observer_.warn(
          format("{}: {} of {} batches of epoch {} had no confident image and trained nothing",
                 training_, empty, steps, epoch));
    }
    batches_ += empty;
    epochs_ += 1;
  }
  const std::vector<int64_t> unused = log.unused_clusters();
  const auto worst = std::max_element(unused.begin(), unused.end());
  if (worst == unused.end() || *worst <= unused_clusters_) return;
  unused_clusters_ = *worst;
  const std::string head =
      unused.size() > 1 ? format(" of head {}", worst - unused.begin()) : std::string();
  observer_.warn(
      format("{}: {} of the clusters{} held no image in epoch {}", training_, *worst, head, epoch));
}

void EmptyWarnings::at_end() const {
  if (epochs_ < 2) return;
  observer_.warn(
      format("{}: in all, {} batches of {} epochs had no confident image and trained nothing",
             training_, batches_, epochs_));
}

}  // namespace nolabel
