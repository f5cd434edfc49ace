#include "nolabel/image/content_extremes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace nolabel {
namespace {

constexpr double kRare = 0.001;      // share of the levels that may be wrong at either end
constexpr size_t kFew = 8;           // … and this many in a small picture
constexpr double kLone = 0.9;        // share of the rare levels that must be at lone pixels
constexpr double kBeside = 0.25;     // of a light's level: what its neighbors have at least
constexpr size_t kLeastLevels = 16;  // of content, for a picture to have outliers
constexpr double kFar = 3;           // widths of the content: the content uses less than a quarter
constexpr double kMarkFar = 0.5;     // … for marks of "no data"
constexpr size_t kSampled = 4096;    // levels from which quantiles are taken
constexpr size_t kRun = 4096;        // levels whose extremes are found at once
constexpr int kMostRounds = 4;       // kinds of outliers, one farther away than the next
constexpr std::array kMarks = {-9999.0, -32767.0, -32768.0, -99999.0, -2147483648.0};

// The different levels among those added, up to kLeastLevels of them.
class Variety {
 public:
  bool enough() const { return levels_.size() >= kLeastLevels; }
  void add(double level) {
    if (!enough() && std::ranges::find(levels_, level) == levels_.end()) levels_.push_back(level);
  }

 private:
  std::vector<double> levels_;
};

// The levels first … last.
template <class T>
struct Part {
  T first, last;
  bool has(T value) const { return value >= first && value <= last; }
};

// What a range's upper three quarters hold, and the extremes below them.
template <class T>
struct UpperLevels {
  bool in_use = false;  // many different levels; the rest is not known then
  bool empty = true;
  size_t pairs = 0;  // of different levels
  T frequent = 0;    // the only level that can be most of them
  LevelExtremes below;
};

template <class T>
class Content {
 public:
  Content(const T* samples, const SampleLayout& layout)
      : samples_(samples),
        layout_(layout),
        channels_(layout.channels()),
        colors_(layout.colors()) {}

  LevelExtremes extremes(double least, double most) const {
    double lowest = INFINITY, highest = -INFINITY;
    visit([&](T value) {
      const auto level = static_cast<double>(value);
      // A branch that is hardly ever taken; a minimum would wait for the one before it.
      if (level >= lowest && level <= highest) [[likely]]
        return true;
      if (level < least || level > most) return true;
      lowest = std::min(lowest, level);
      highest = std::max(highest, level);
      return true;
    });
    if (lowest > highest) return {};
    return {lowest, highest, true};
  }

  // The extremes of the levels below the upper three quarters of 0 … white, when these hold nothing
  // but outliers. Levels above `highest` were found to be outliers already.
  std::optional<LevelExtremes> below_outliers(double white, double highest) const {
    const Part<T> part{lowest_upper(white), static_cast<T>(highest)};
    const UpperLevels<T> upper = upper_levels(part);
    if (upper.in_use) return {};
    if (upper.empty) return upper.below;
    const bool is_far = upper.below.highest <= kLeastUse * static_cast<double>(upper.frequent);
    if (!is_far || !is_varied_below(part.first)) return {};
    // Without a pair there is no level but the frequent one.
    if (upper.pairs > 0 && !are_lone(part, upper.frequent)) return {};
    return upper.below;
  }

  // The extremes within `all` without those that are far from the bulk of the levels.
  LevelExtremes without_far(const LevelExtremes& all) const {
    std::vector<double> levels = sample_between(all);
    Variety variety;
    for (const double level : levels) variety.add(level);
    if (!variety.enough()) return all;
    const auto trimmed = static_cast<size_t>(std::ceil(kRare * levels.size()));
    const double low = quantile(levels, trimmed);
    const double high = quantile(levels, levels.size() - 1 - trimmed);
    if (low == high) return all;
    const bool is_marked = std::ranges::find(kMarks, all.lowest) != kMarks.end();
    const double least = low - (is_marked ? kMarkFar : kFar) * (high - low);
    const double most = high + kFar * (high - low);
    if (all.lowest >= least && all.highest <= most) return all;
    return extremes(std::max(least, all.lowest), std::min(most, all.highest));
  }

 private:
  // Every color level that is not missing, until `visitor` returns false.
  template <class Visitor>
  void visit(Visitor&& visitor) const {
    const size_t pixels = layout_.height * layout_.width;
    const T* pixel = samples_;
    for (size_t i = 0; i < pixels; ++i, pixel += channels_) {
      for (int c = 0; c < colors_; ++c) {
        if (!is_missing(pixel[c], layout_.missing) && !visitor(pixel[c])) return;
      }
    }
  }

  static T lowest_upper(double white) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(std::ceil(kLeastUse * white));
    return static_cast<T>(kLeastUse * white);
  }

  // Counts pairs of different levels, as Boyer and Moore do to find a majority: one frequent level
  // alone makes no pair.
  UpperLevels<T> upper_levels(const Part<T>& part) const {
    const double values = static_cast<double>(layout_.height * layout_.width) * colors_;
    const auto most_pairs = std::max(kFew, static_cast<size_t>(kRare * values));
    UpperLevels<T> result;
    size_t votes = 0;
    const auto add = [&](T value) {
      if (value < part.first) {
        result.below.add(static_cast<double>(value));
      } else if (value <= part.last) {
        result.empty = false;
        if (votes == 0) result.frequent = value;
        const bool is_pair = value != result.frequent;
        votes = is_pair ? votes - 1 : votes + 1;
        result.pairs += is_pair ? 1 : 0;
      }
      return result.pairs <= most_pairs;
    };
    if (layout_.missing || channels_ != colors_ || !std::is_integral_v<T>) {
      visit(add);
    } else {
      add_runs(part, result.below, add);
    }
    result.in_use = result.pairs > most_pairs;
    return result;
  }

  // The same as visit(add) where every sample is a level. Of a run without upper levels, the
  // extremes are enough, and the compiler finds them many times faster.
  template <class Add>
  void add_runs(const Part<T>& part, LevelExtremes& below, Add&& add) const {
    const size_t values = layout_.height * layout_.width * colors_;
    for (size_t begin = 0; begin < values; begin += kRun) {
      const size_t end = std::min(begin + kRun, values);
      T lowest = samples_[begin], highest = lowest;
      for (size_t i = begin; i < end; ++i) {
        lowest = std::min(lowest, samples_[i]);
        highest = std::max(highest, samples_[i]);
      }
      if (highest < part.first) {
        below.add(static_cast<double>(lowest));
        below.add(static_cast<double>(highest));
      } else if (!std::all_of(samples_ + begin, samples_ + end, add)) {
        return;
      }
    }
  }

  bool is_varied_below(T first) const {
    Variety variety;
    visit([&](T value) {
      if (value < first) variety.add(static_cast<double>(value));
      return !variety.enough();
    });
    return variety.enough();
  }

  // Whether nearly all levels of the part, without the frequent one, are at lone pixels.
  bool are_lone(const Part<T>& part, T frequent) const {
    size_t count = 0, lone = 0;
    const T* pixel = samples_;
    for (size_t y = 0; y < layout_.height; ++y) {
      for (size_t x = 0; x < layout_.width; ++x, pixel += channels_) {
        for (int c = 0; c < colors_; ++c) {
          if (!part.has(pixel[c]) || pixel[c] == frequent) continue;
          if (is_missing(pixel[c], layout_.missing)) continue;
          ++count;
          lone += is_lone(y, x, c) ? 1 : 0;
        }
      }
    }
    return static_cast<double>(lone) >= kLone * static_cast<double>(count);
  }

  bool is_lone(size_t y, size_t x, int c) const {
    const auto at = [&](size_t v, size_t u) {
      return samples_[(v * layout_.width + u) * channels_ + c];
    };
    const double least = kBeside * static_cast<double>(at(y, x));
    for (size_t v = y - std::min(y, size_t{1}); v < std::min(y + 2, layout_.height); ++v) {
      for (size_t u = x - std::min(x, size_t{1}); u < std::min(x + 2, layout_.width); ++u) {
        if ((v != y || u != x) && at(v, u) >= least) return false;
      }
    }
    return true;
  }

  // Levels strictly between the extremes, from pixels spread evenly. The golden ratio's multiples
  // do not fall into step with rows and columns.
  std::vector<double> sample_between(const LevelExtremes& all) const {
    const size_t pixels = layout_.height * layout_.width;
    const size_t wanted = std::min(pixels, kSampled / colors_);
    std::vector<double> levels;
    levels.reserve(wanted * colors_);
    for (size_t i = 0; i < wanted; ++i) {
      const uint32_t place = static_cast<uint32_t>(i) * 2654435769U;  // of 2^32
      const size_t pixel = wanted == pixels ? i : (uint64_t{place} * pixels) >> 32;
      for (int c = 0; c < colors_; ++c) {
        const T value = samples_[pixel * channels_ + c];
        if (is_missing(value, layout_.missing)) continue;
        const auto level = static_cast<double>(value);
        if (level > all.lowest && level < all.highest) levels.push_back(level);
      }
    }
    return levels;
  }

  static double quantile(std::vector<double>& levels, size_t rank) {
    std::nth_element(levels.begin(), levels.begin() + static_cast<ptrdiff_t>(rank), levels.end());
    return levels[rank];
  }

  const T* samples_;
  const SampleLayout& layout_;
  int channels_, colors_;
};

// The first of the whites in ascending order that holds the level.
template <size_t count>
std::optional<double> smallest_white(const std::array<double, count>& whites, double highest) {
  const auto found = std::ranges::lower_bound(whites, highest);
  if (found == whites.end()) return {};
  return *found;
}

LevelExtremes in_stated_range(const Content<uint16_t>& content, double white) {
  LevelExtremes result{0, white, true};
  for (std::optional<double> next = white; next && *next > 255;) {
    const auto below = content.below_outliers(*next, result.highest);
    if (!below) break;
    result = *below;
    next = smallest_white(std::array{255.0, 1023.0, 4095.0, 16383.0}, result.highest);
  }
  return result;
}

// The white of a usual range of float pictures, when these extremes use it.
std::optional<double> usual_white(const LevelExtremes& extremes) {
  if (extremes.lowest < 0) return {};
  const auto white = smallest_white(std::array{1.0, 255.0}, extremes.highest);
  return white && extremes.highest >= kLeastUse * *white ? white : std::nullopt;
}

LevelExtremes in_any_range(const Content<float>& content) {
  LevelExtremes result = content.extremes(-INFINITY, INFINITY);
  for (int round = 0; round < kMostRounds; ++round) {
    const LevelExtremes before = result;
    if (const auto white = usual_white(result)) {
      result = content.below_outliers(*white, result.highest).value_or(result);
    } else {
      result = content.without_far(result);
    }
    if (result.lowest == before.lowest && result.highest == before.highest) break;
  }
  return result;
}

}  // namespace

template <>
LevelExtremes content_extremes(const uint16_t* samples, const SampleLayout& layout) {
  return in_stated_range({samples, layout}, layout.stated_white.value());
}

template <>
LevelExtremes content_extremes(const float* samples, const SampleLayout& layout) {
  return in_any_range({samples, layout});
}

}  // namespace nolabel
