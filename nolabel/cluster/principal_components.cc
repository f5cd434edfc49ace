#include "nolabel/cluster/principal_components.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "nolabel/base/error.h"

namespace nolabel {

PrincipalComponents principal_components(const at::Tensor& features, int64_t count) {
  const int64_t images = features.size(0), depth = features.size(1);
  NOLABEL_ASSERT(count >= 1 && count <= std::min(images, depth));
  const c10::NoGradGuard no_grad;
  const at::Tensor mean = features.mean(0, false, at::kDouble).to(at::kFloat);
  const at::Tensor rows = features - mean;
  const bool few = images < depth;
  const at::Tensor products = few ? rows.matmul(rows.t()) : rows.t().matmul(rows);
  const auto [squares, vectors] = at::linalg_eigh(products.to(at::kDouble));
  const int64_t all = squares.size(0);
  const at::Tensor lengths = squares.narrow(0, all - count, count).clamp_min(0).sqrt();
  at::Tensor directions = vectors.narrow(1, all - count, count);
  if (few) {
    constexpr double least_length = 1e-6;  // of a component that has one
    directions = rows.to(at::kDouble).t().matmul(directions) / lengths.clamp_min(least_length);
  }
  return {mean, directions, lengths / std::sqrt(static_cast<double>(images))};
}

}  // namespace nolabel
