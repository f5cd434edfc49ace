#include "nolabel/pipeline/kept_features.h"

#include <chrono>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/matrix_tensor.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

bool has_room(const fs::path& directory, const at::Tensor& features) {
  return fs::space(directory).available / 10 > static_cast<uintmax_t>(features.nbytes());
}

}  // namespace

at::Tensor kept_features(const fs::path& file, const Provenance& provenance,
                         const Environment& environment, const std::function<at::Tensor()>& make) {
  if (is_current(file, provenance)) return to_tensor(read_npy_float(file));
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor features = make();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  make_directory(file.parent_path());
  if (has_room(file.parent_path(), features)) {
    write_npy(file, to_matrix(features));
    write_sidecar(file, provenance, environment, seconds.count());
  } else {
    environment.observer.note(
        format("the features are not kept in {}: the disk is too full", file.string()));
  }
  return features;
}

}  // namespace nolabel
