// Between the library's values and Python's: arrays without a copy, records as dicts that
// nolabel/results.py gives names to.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nolabel/nolabel.h"

namespace nolabel::python {

namespace nb = nanobind;

// Arrays that Python has made contiguous, of the right type and in memory (nolabel/_inputs.py).
using Rows = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Labels = nb::ndarray<const int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Picture = nb::ndarray<const uint8_t, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu>;

inline RowsView view_of(const Rows& rows) {
  return {rows.data(), static_cast<int64_t>(rows.shape(0)), static_cast<int64_t>(rows.shape(1))};
}
ImageView view_of(const Picture& picture);

// A NumPy array that takes over the values.
template <class T>
nb::object to_array(std::vector<T>&& values, std::vector<size_t> shape) {
  auto* kept = new std::vector<T>(std::move(values));
  const nb::capsule owner(
      kept, [](void* memory) noexcept { delete static_cast<std::vector<T>*>(memory); });
  return nb::cast(nb::ndarray<nb::numpy, T>(kept->data(), shape.size(), shape.data(), owner));
}
template <class T>
nb::object to_array(Matrix<T>&& matrix) {
  return to_array(std::move(matrix.values),
                  {static_cast<size_t>(matrix.rows), static_cast<size_t>(matrix.columns)});
}
// The same with `shape` instead of [rows, columns].
nb::object to_array(Image&& picture);

// Texts may hold names of files, which are bytes: they reach Python and come back as os.fsdecode()
// and os.fsencode() have it.
nb::object to_text(const std::string& text);
nb::list to_list(const std::vector<std::string>& texts);
std::string from_text(nb::handle text);
// A dict of texts.
Settings settings_of(const nb::dict& given);

template <class T>
nb::object or_none(const std::optional<T>& value) {
  return value ? nb::cast(*value) : nb::none();
}

nb::list to_list(const std::vector<NamedCluster>& clusters);   // of (id, name)
nb::dict to_dict(const std::vector<ClusteredImage>& images);   // columns by name
nb::list to_list(const std::vector<ClusterFigures>& figures);  // of dicts
nb::dict to_dict(ClusterResult&& result);

// An option by its name, taken out of the settings; `otherwise` where it is not there.
std::string take(Settings& settings, const std::string& name, const std::string& otherwise = {});

}  // namespace nolabel::python
