#include "nolabel/weights/tensor_bounds.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr size_t most_dimensions = 16;

int64_t checked_multiply(int64_t a, int64_t b) {
  int64_t product;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product)) {
    fail_data("a tensor in it has an impossible shape");
  }
  return product;
}

int64_t checked_add(int64_t a, int64_t b) {
  int64_t sum;
  if (a < 0 || b < 0 || __builtin_add_overflow(a, b, &sum)) {
    fail_data("a tensor in it has an impossible shape");
  }
  return sum;
}

}  // namespace

int64_t checked_elements(at::IntArrayRef sizes) {
  if (sizes.size() > most_dimensions) fail_data("a tensor in it has {} dimensions", sizes.size());
  int64_t product = 1;
  bool empty = false;
  for (const int64_t size : sizes) {
    empty |= size == 0;
    product = checked_multiply(product, size == 0 ? 1 : size);
  }
  return empty ? 0 : product;
}

at::Tensor strided_view(const at::Tensor& flat, at::IntArrayRef sizes, at::IntArrayRef strides,
                        int64_t offset) {
  if (sizes.size() != strides.size()) fail_data("a tensor in it has an impossible shape");
  const int64_t elements = checked_elements(sizes);
  if (elements == 0) return at::empty(sizes, flat.options());
  int64_t last = checked_add(offset, 0);
  for (size_t i = 0; i < sizes.size(); ++i) {
    last = checked_add(last, checked_multiply(sizes[i] - 1, strides[i]));
  }
  if (last >= flat.numel() || elements > flat.numel()) {
    fail_data("a tensor in it is larger than its data");
  }
  return flat.as_strided(sizes, strides, offset);
}

}  // namespace nolabel
