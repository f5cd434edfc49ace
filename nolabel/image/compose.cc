#include "nolabel/image/compose.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "nolabel/image/alpha.h"
#include "nolabel/image/content_extremes.h"
#include "nolabel/image/levels.h"

namespace nolabel {
namespace {

template <class T>
constexpr Numbers numbers_of = std::is_floating_point_v<T> ? Numbers::real : Numbers::whole;

// Black or transparent, to the format's white.
LevelExtremes stated_extremes(const SampleLayout& layout) {
  return {0, layout.stated_white.value_or(1), true};
}

template <class T>
LevelExtremes color_extremes(const T* samples, const SampleLayout& layout) {
  if constexpr (sizeof(T) > 1) {
    if (layout.scales_levels) return content_extremes(samples, layout);
  }
  return stated_extremes(layout);
}

// Alpha is never stretched where the format states what opaque is.
template <class T>
LevelExtremes alpha_extremes(const T* samples, const SampleLayout& layout) {
  if (layout.alpha == SampleAlpha::none || layout.stated_white) return stated_extremes(layout);
  LevelExtremes extremes{0, 0, true};
  const size_t channels = layout.channels(), values = layout.height * layout.width * channels;
  for (size_t i = channels - 1; i < values; i += channels) {
    if (!is_missing(samples[i], layout.missing)) extremes.add(static_cast<double>(samples[i]));
  }
  extremes.lowest = 0;
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
    return is_missing(value, missing_) ? 0 : scale_.level(static_cast<double>(value));
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
  const int colors = layout.colors();
  const LevelScale scale =
      choose_scale(color_extremes(samples, layout), layout.stated_white, numbers_of<T>);
  const Levels<T> level(scale, layout.missing);
  const Levels<T> opacity(
      choose_scale(alpha_extremes(samples, layout), layout.stated_white, numbers_of<T>), {});

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
