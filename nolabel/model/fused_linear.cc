#include "nolabel/model/fused_linear.h"

#include <ATen/ATen.h>
#include <ATen/core/List.h>
#include <c10/core/GradMode.h>

#include <optional>

#include "nolabel/model/onednn_operators.h"

namespace nolabel {
namespace {

using LinearPointwise = at::Tensor(const at::Tensor&, const at::Tensor&,
                                   const std::optional<at::Tensor>&, c10::string_view,
                                   c10::List<std::optional<at::Scalar>>,
                                   std::optional<c10::string_view>);

const std::optional<c10::OperatorHandle>& linear_pointwise() {
  static const auto found = onednn_operator("mkldnn::_linear_pointwise");
  return found;
}

}  // namespace

at::Tensor linear_gelu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       const char* approximate) {
  const bool fuses = x.is_cpu() && x.scalar_type() == at::kBFloat16 &&
                     !c10::GradMode::is_enabled() && onednn_takes_bf16() && linear_pointwise();
  if (!fuses) return at::gelu(at::linear(x, weight, bias), approximate);
  return linear_pointwise()->typed<LinearPointwise>().call(
      x, weight, bias, "gelu", c10::List<std::optional<at::Scalar>>(), approximate);
}

}  // namespace nolabel
