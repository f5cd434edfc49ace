#include "nolabel/augment/color_step.h"

#include "nolabel/augment/color.h"
#include "nolabel/augment/passes.h"

namespace nolabel {

void apply_color(const ColorStep& step, std::span<Pixel> pixels) {
  switch (step.adjustment) {
    case ColorAdjustment::brightness:
      return brightness_pass(pixels, step.factor);
    case ColorAdjustment::contrast:
      return contrast_pass(pixels, step.factor);
    case ColorAdjustment::saturation:
      return saturation_pass(pixels, step.factor);
    case ColorAdjustment::hue:
      return hue_pass(pixels, hue_shift(step.factor));
  }
}

}  // namespace nolabel
