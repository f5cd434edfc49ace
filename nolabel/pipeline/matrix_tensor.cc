#include "nolabel/pipeline/matrix_tensor.h"

#include <ATen/ATen.h>

#include <cstring>
#include <memory>
#include <utility>

namespace nolabel {

Matrix<float> to_matrix(const at::Tensor& rows) {
  const at::Tensor values = rows.to(at::kFloat).cpu().contiguous();
  Matrix<float> matrix(values.size(0), values.size(1));
  std::memcpy(matrix.values.data(), values.const_data_ptr<float>(),
              matrix.values.size() * sizeof(float));
  return matrix;
}

at::Tensor to_tensor(Matrix<float>&& matrix) {
  auto owner = std::make_shared<Matrix<float>>(std::move(matrix));
  return at::from_blob(
      owner->values.data(), {owner->rows, owner->columns}, [owner](void*) {}, at::kFloat);
}

}  // namespace nolabel
