// Private to this folder: the lowest and the highest level of what a picture shows. A hot pixel, a
// border or a burnt-in scale bar must not decide how bright everything else becomes.
//
// Where a range is stated, or usual (a float picture that uses 0 to 1 or 0 to 255), its upper three
// quarters count as empty if they hold outliers only, and then the next smaller range is judged.
// Outliers are
//   one level that may be frequent, four times above the rest: a border, text, saturated pixels;
//   at most 0.1 % other levels, nearly all at lone pixels. No lens draws a light that small: around
//     the lights of a photo taken at night, the neighbors shine too.
// Where no range is stated or usual, the levels between the 0.1 % and the 99.9 % quantile have some
// width. Levels more than three times this width away from them are outliers, and so is a usual
// mark of "no data" (-9999) half the width below them.
// A picture with fewer than 16 other levels has no outliers: it is a mask or a drawing.
#pragma once

#include "nolabel/image/compose.h"
#include "nolabel/image/levels.h"

namespace nolabel {

// Extremes of the color levels of samples [height, width, channels] without outliers. When a stated
// range is in use, they may be 0 and its white. T: uint16_t (stated_white is set) or float (it is
// not). Normally costs less than one pass over uint16_t and one pass over float; more passes only
// when outliers are there or a range is nearly empty.
template <class T>
LevelExtremes content_extremes(const T* samples, const SampleLayout& layout);

}  // namespace nolabel
