#include "nolabel/model/initialise.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "nolabel/base/random.h"
#include "nolabel/base/threads.h"

namespace nolabel {
namespace {

// Fills row by row (one row per output channel), each from a stream of its own.
template <class Draw>
at::Tensor filled(at::IntArrayRef shape, uint64_t seed, uint32_t parameter, const Draw& draw) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  const int64_t rows = shape[0], columns = tensor.numel() / rows;
  float* values = tensor.mutable_data_ptr<float>();
  parallel_for(rows, at::get_num_threads(), 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      Random random(seed, Purpose::initialization, parameter, static_cast<uint32_t>(row));
      for (int64_t i = 0; i < columns; ++i) values[row * columns + i] = draw(random);
    }
  });
  return tensor;
}

}  // namespace

at::Tensor initial_convolution(int64_t out, int64_t in, int64_t kernel, int64_t groups,
                               uint64_t seed, uint32_t parameter) {
  const double deviation = std::sqrt(2.0 / static_cast<double>(out / groups * kernel * kernel));
  return filled({out, in, kernel, kernel}, seed, parameter, [deviation](Random& random) {
    return static_cast<float>(deviation * random.normal());
  });
}

at::Tensor initial_linear(at::IntArrayRef shape, int64_t fan_in, uint64_t seed,
                          uint32_t parameter) {
  const float bound = 1 / std::sqrt(static_cast<float>(fan_in));
  return filled(shape, seed, parameter,
                [bound](Random& random) { return random.uniform(-bound, bound); });
}

}  // namespace nolabel
