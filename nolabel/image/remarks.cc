#include "nolabel/image/remarks.h"

#include "nolabel/base/format.h"

namespace nolabel {

void RemarkCounts::add(const DecodeRemarks& remarks) {
  levels_scaled_ += remarks.levels_scaled ? 1 : 0;
  bands_dropped_ += remarks.bands_dropped ? 1 : 0;
}

std::vector<std::string> RemarkCounts::lines() const {
  std::vector<std::string> result;
  if (levels_scaled_ > 0) {
    result.push_back(
        format("pictures whose levels were scaled to the range that each picture uses: {} (they "
               "store float, signed or 32-bit levels, or use less than a quarter of their 16 "
               "bits; hot pixels and borders do not count and become black or white). To choose "
               "the range, save them with 8 bits per channel",
               levels_scaled_));
  }
  if (bands_dropped_ > 0) {
    result.push_back(
        format("pictures with more bands than red, green, blue and alpha: {}. nolabel uses the "
               "first three bands (of two bands the first, as gray)",
               bands_dropped_));
  }
  return result;
}

}  // namespace nolabel
