#include "nolabel/pipeline/matrix_tensor.h"

#include <ATen/ATen.h>

#include <cstring>

namespace nolabel {

Matrix<float> to_matrix(const at::Tensor& rows) {
  const at::Tensor values = rows.to(at::kFloat).cpu().contiguous();
  Matrix<float> matrix(values.size(0), values.size(1));
  std::memcpy(matrix.values.data(), values.const_data_ptr<float>(),
              matrix.values.size() * sizeof(float));
  return matrix;
}

at::Tensor to_tensor(const Matrix<float>& matrix) {
  const at::Tensor rows = at::empty({matrix.rows, matrix.columns}, at::kFloat);
  std::memcpy(rows.data_ptr<float>(), matrix.values.data(), matrix.values.size() * sizeof(float));
  return rows;
}

}  // namespace nolabel
