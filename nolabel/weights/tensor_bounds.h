// Shapes that come from files, checked before a tensor is made of them. Private to weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace nolabel {

// Product of the sizes. Error(Fault::data) for a negative size or a product beyond 63 bits (sizes
// of zero counted as one).
int64_t checked_elements(at::IntArrayRef sizes);

// The view of flat [n] with these sizes, strides and offset, all in elements. Error(Fault::data)
// when it would leave `flat` or repeat its elements.
at::Tensor strided_view(const at::Tensor& flat, at::IntArrayRef sizes, at::IntArrayRef strides,
                        int64_t offset);

}  // namespace nolabel
