#include "nolabel/augment/strong.h"

#include <utility>

namespace nolabel {

void apply_strong(const StrongOperation& operation, Frame& frame, Frame& spare) {
  const float v = operation.magnitude;
  const auto transform = [&](const Affine& map) {
    affine_pass(frame, map, spare);
    std::swap(frame, spare);
  };
  switch (operation.kind) {
    case StrongKind::identity:
      return;
    case StrongKind::autocontrast:
      return autocontrast_pass(frame.all());
    case StrongKind::equalize:
      return equalize_pass(frame.all());
    case StrongKind::rotate:
      return transform(rotate(v, frame.height, frame.width));
    case StrongKind::solarize:
      return solarize_pass(frame.all(), v);
    case StrongKind::color:
      return saturation_pass(frame.all(), v);
    case StrongKind::contrast:
      return contrast_pass(frame.all(), v);
    case StrongKind::brightness:
      return brightness_pass(frame.all(), v);
    case StrongKind::sharpness:
      sharpness_pass(frame, v, spare);
      std::swap(frame, spare);
      return;
    case StrongKind::shear_x:
      return transform(shear_x(v));
    case StrongKind::translate_x:
      return transform(translate(v * frame.width, 0));
    case StrongKind::translate_y:
      return transform(translate(0, v * frame.height));
    case StrongKind::posterize:
      return posterize_pass(frame.all(), static_cast<int>(v));
    case StrongKind::shear_y:
      return transform(shear_y(v));
  }
}

}  // namespace nolabel
