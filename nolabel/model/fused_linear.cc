#include "nolabel/model/fused_linear.h"

#include <ATen/ATen.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>

#include <optional>

namespace nolabel {
namespace {

using LinearPointwise = at::Tensor(const at::Tensor&, const at::Tensor&,
                                   const std::optional<at::Tensor>&, c10::string_view,
                                   c10::List<std::optional<at::Scalar>>,
                                   std::optional<c10::string_view>);

// What torch.compile makes of the two operators; ATen has no function for it. Nothing: this
// LibTorch was built without oneDNN.
const std::optional<c10::OperatorHandle>& linear_pointwise() {
  static const auto found =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return found;
}

}  // namespace

at::Tensor linear_gelu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       const char* approximate) {
  const bool fuses = x.is_cpu() && x.scalar_type() == at::kBFloat16 &&
                     !c10::GradMode::is_enabled() && linear_pointwise();
  if (!fuses) return at::gelu(at::linear(x, weight, bias), approximate);
  return linear_pointwise()->typed<LinearPointwise>().call(
      x, weight, bias, "gelu", c10::List<std::optional<at::Scalar>>(), approximate);
}

}  // namespace nolabel
