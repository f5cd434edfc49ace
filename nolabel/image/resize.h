// Resize with Pillow's arithmetic (8-bit fixed point, two passes, antialiased when shrinking): the
// same bytes as Image.resize(…, box=…).
#pragma once

#include <memory>

#include "nolabel/image/image.h"

namespace nolabel {

// Pillow's filters, in the order of its codes (nearest is 0). All but nearest are widened when
// shrinking, so that every source pixel counts.
enum class Interpolation { nearest, lanczos, bilinear, bicubic, box, hamming };

// A region in pixels of the source, edges may be fractional: [left, right) x [top, bottom).
struct Box {
  double left, top, right, bottom;
};

// Bilinear. Throw Error(Fault::usage) when the target is empty or the box is not inside the source.
Image resize(ImageView source, int height, int width);
Image resize(ImageView source, const Box& box, int height, int width);

// Memory that repeated resizes reuse. One per thread.
class ResizeScratch {
 public:
  ResizeScratch();
  ~ResizeScratch();
  struct Buffers;
  Buffers& buffers() { return *buffers_; }

 private:
  std::unique_ptr<Buffers> buffers_;
};

// resize() into memory of the caller, height * width * 3 bytes; allocates only while `scratch`
// grows. For views, where one call per image and epoch is made.
void resize_into(ImageView source, const Box& box, int height, int width, uint8_t* out,
                 ResizeScratch& scratch, Interpolation interpolation = Interpolation::bilinear);

// Short side to `length`, the long side truncated as torchvision's Resize(length) does; returned
// unchanged when the short side already is `length`.
Image resize_short_side(ImageView source, int length,
                        Interpolation interpolation = Interpolation::bilinear);

// The centre crop torchvision takes: offsets round half to even. The image must be at least
// height x width.
Image centre_crop(ImageView source, int height, int width);

}  // namespace nolabel
