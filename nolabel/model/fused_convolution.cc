#include "nolabel/model/fused_convolution.h"

#include <ATen/ATen.h>
#include <ATen/core/List.h>

#include <optional>
#include <vector>

#include "nolabel/model/onednn_operators.h"

namespace nolabel {
namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;
using Text = std::optional<c10::string_view>;

using ConvolutionPointwise = at::Tensor(const at::Tensor&, const at::Tensor&,
                                        const std::optional<at::Tensor>&, c10::IntArrayRef,
                                        c10::IntArrayRef, c10::IntArrayRef, int64_t,
                                        c10::string_view, Scalars, Text);
const std::optional<c10::OperatorHandle>& convolution_pointwise() {
  static const auto found = onednn_operator("mkldnn::_convolution_pointwise");
  return found;
}

}  // namespace

at::Tensor activated(at::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return at::relu_(x);
    case Activation::relu6:
      return at::hardtanh_(x, 0, 6);
    case Activation::none:
      break;
  }
  return x;
}

bool fuses_convolutions(at::Device device, at::ScalarType working_type) {
  return device.is_cpu() && working_type == at::kBFloat16 && onednn_takes_bf16() &&
         convolution_pointwise().has_value();
}

at::Tensor fused_convolution(const FoldedConvolution& convolution, const at::Tensor& x,
                             Activation activation) {
  const std::vector<int64_t> padding(2, convolution.padding), stride(2, convolution.stride),
      dilation(2, 1);
  Scalars limits;
  if (activation == Activation::relu6) {
    limits.push_back(at::Scalar(0.0));
    limits.push_back(at::Scalar(6.0));
  }
  const char* name = activation == Activation::none   ? "none"
                     : activation == Activation::relu ? "relu"
                                                      : "hardtanh";
  return convolution_pointwise()->typed<ConvolutionPointwise>().call(
      x, convolution.weight, convolution.bias, padding, stride, dilation, convolution.groups, name,
      limits, std::nullopt);
}

}  // namespace nolabel
