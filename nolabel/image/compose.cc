#include "nolabel/image/compose.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "nolabel/image/alpha.h"
#include "nolabel/image/levels.h"

namespace nolabel {
namespace {

template <class T>
constexpr Numbers numbers_of = std::is_floating_point_v<T> ? Numbers::real : Numbers::whole;

// Whether the picture has no data at this place.
template <class T>
bool is_gone(T value, const std::optional<double>& missing) {
  if (is_missing(value)) return true;
  if (!missing) return false;
  // The stated level is compared as a float picture stores it.
  if constexpr (std::is_floating_point_v<T>) return value == static_cast<T>(*missing);
  return static_cast<double>(value) == *missing;
}

// Extremes of the channels first … last - 1.
template <class T>
LevelExtremes extremes_of(const T* samples, const SampleLayout& layout, int first, int last) {
  LevelExtremes extremes;
  const int channels = layout.channels();
  const size_t pixels = layout.height * layout.width;
  for (size_t i = 0; i < pixels; ++i, samples += channels) {
    for (int c = first; c < last; ++c) {
      if (!is_gone(samples[c], layout.missing)) extremes.add(static_cast<double>(samples[c]));
    }
  }
  return extremes;
}

// Levels of every value that a sample of T can have, or the computation itself.
template <class T>
class Levels {
 public:
  Levels(const LevelScale& scale, std::optional<double> missing)
      : scale_(scale), missing_(missing) {
    if constexpr (std::is_integral_v<T>) {
      table_.resize(size_t{std::numeric_limits<T>::max()} + 1);
      for (size_t value = 0; value < table_.size(); ++value) {
        table_[value] = compute(static_cast<T>(value));
      }
    }
  }
  uint8_t operator()(T value) const {
    if constexpr (std::is_integral_v<T>) return table_[value];
    return compute(value);
  }

 private:
  uint8_t compute(T value) const {
    return is_gone(value, missing_) ? 0 : scale_.level(static_cast<double>(value));
  }

  LevelScale scale_;
  std::optional<double> missing_;
  std::vector<uint8_t> table_;
};

// Inks: 255 is all of it. As Pillow converts.
void cmyk_to_rgb(const uint8_t* cmyk, uint8_t* rgb) {
  const int light = 255 - cmyk[3];
  for (int c = 0; c < 3; ++c) {
    rgb[c] = static_cast<uint8_t>(light - divide_by_255(cmyk[c] * light));
  }
}

// One pixel's color levels as RGB.
void to_rgb(const uint8_t* levels, const SampleLayout& layout, uint8_t* rgb) {
  switch (layout.color) {
    case SampleColor::gray:
      std::fill_n(rgb, 3, layout.zero_is_white ? static_cast<uint8_t>(255 - levels[0]) : levels[0]);
      break;
    case SampleColor::rgb:
      std::copy_n(levels, 3, rgb);
      break;
    case SampleColor::cmyk:
      cmyk_to_rgb(levels, rgb);
      break;
  }
}

}  // namespace

template <class T>
DecodedImage compose(const T* samples, const SampleLayout& layout) {
  const int channels = layout.channels();
  const bool has_alpha = layout.alpha != SampleAlpha::none;
  const int colors = channels - (has_alpha ? 1 : 0);
  LevelExtremes color_extremes{0, layout.stated_white.value_or(1), true};
  if (layout.scales_levels) color_extremes = extremes_of(samples, layout, 0, colors);
  const LevelScale scale = choose_scale(color_extremes, layout.stated_white, numbers_of<T>);
  const Levels<T> level(scale, layout.missing);

  // Alpha is never stretched where the format states what opaque is.
  LevelExtremes alpha_extremes{0, layout.stated_white.value_or(1), true};
  if (has_alpha && !layout.stated_white) {
    alpha_extremes = extremes_of(samples, layout, colors, channels);
    alpha_extremes.lowest = 0;
  }
  const Levels<T> opacity(choose_scale(alpha_extremes, layout.stated_white, numbers_of<T>), {});

  Image image(static_cast<int>(layout.height), static_cast<int>(layout.width));
  const size_t pixels = layout.height * layout.width;
  uint8_t* out = image.pixels.data();
  if (layout.color == SampleColor::rgb && !has_alpha) {  // most pictures: the same, but quicker
    std::transform(samples, samples + 3 * pixels, out, [&level](T value) { return level(value); });
    return {std::move(image), {.levels_scaled = scale.assumed}};
  }
  for (size_t i = 0; i < pixels; ++i, samples += channels, out += 3) {
    std::array<uint8_t, 4> levels{}, rgba{};
    for (int c = 0; c < colors; ++c) levels[c] = level(samples[c]);
    to_rgb(levels.data(), layout, rgba.data());
    rgba[3] = has_alpha ? opacity(samples[colors]) : 255;
    (layout.alpha == SampleAlpha::premultiplied ? premultiplied_over_white : over_white)(
        rgba.data(), 1, out);
  }
  return {std::move(image), {.levels_scaled = scale.assumed}};
}

template DecodedImage compose(const uint8_t*, const SampleLayout&);
template DecodedImage compose(const uint16_t*, const SampleLayout&);
template DecodedImage compose(const float*, const SampleLayout&);

}  // namespace nolabel
