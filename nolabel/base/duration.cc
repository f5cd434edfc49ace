#include "nolabel/base/duration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "nolabel/base/format.h"

namespace nolabel {

std::string duration_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole < 60) return format("{} s", whole);
  const int64_t minutes = (whole + 30) / 60;
  if (minutes < 60) return format("{} min", minutes);
  const int64_t hours = minutes / 60;
  if (hours < 24) return format("{} h {} min", hours, minutes % 60);
  return format("{} d {} h", hours / 24, hours % 24);
}

}  // namespace nolabel
