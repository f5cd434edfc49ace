// Embeddings, labels and weights.
#include <nanobind/stl/filesystem.h>

#include <span>

#include "python/src/convert.h"
#include "python/src/modules.h"
#include "python/src/work.h"

namespace nolabel::python {
namespace {

nb::tuple nearest_call(const Rows& rows, const std::optional<Rows>& queries, int neighbors,
                       bool normalize, int memory_mb, int threads, Callback progress) {
  Callbacks callbacks(std::nullopt, std::move(progress));
  const NeighborOptions options{neighbors, normalize, memory_mb, threads};
  Neighbors found = run(callbacks, [&](const Observer& observer) {
    return queries ? nearest_neighbors(view_of(*queries), view_of(rows), options, observer)
                   : nearest_neighbors(view_of(rows), options, observer);
  });
  return nb::make_tuple(to_array(std::move(found.indices)),
                        to_array(std::move(found.similarities)));
}

nb::dict agreement_call(const Labels& clusters, const Labels& classes) {
  const std::span given(clusters.data(), clusters.shape(0)),
      known(classes.data(), classes.shape(0));
  const Agreement result = run([&](const Observer&) { return agreement(given, known); });
  nb::dict values;
  values["accuracy"] = result.accuracy;
  values["nmi"] = result.nmi;
  values["ami"] = result.ami;
  values["ari"] = result.ari;
  values["matching"] = result.matching;
  return values;
}

nb::tuple linear_model_call(const std::filesystem::path& of) {
  LinearModel model = run([&](const Observer&) { return linear_model(of); });
  const size_t clusters = model.bias.size();
  return nb::make_tuple(to_array(std::move(model.weight)),
                        to_array(std::move(model.bias), {clusters}), to_list(model.clusters),
                        model.stage);
}

using Bias = nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <Matrix<float> (*output)(const LinearModel&, RowsView, int)>
nb::object linear_call(const Rows& weight, const Bias& bias, const Rows& rows, int threads) {
  LinearModel model;
  model.weight = Matrix<float>(weight.shape(0), weight.shape(1));
  std::copy_n(weight.data(), weight.size(), model.weight.values.begin());
  model.bias.assign(bias.data(), bias.data() + bias.shape(0));
  return to_array(run([&](const Observer&) { return output(model, view_of(rows), threads); }));
}

// name -> (type, shape, bytes of all values); nolabel/weights.py makes arrays of them.
nb::dict weights_call(const std::filesystem::path& file) {
  const std::vector<NamedArray> arrays = run([&](const Observer&) { return load_weights(file); });
  nb::dict values;
  for (const NamedArray& array : arrays) {
    auto* kept = new std::shared_ptr<const void>(array.bytes);
    const nb::capsule owner(kept, [](void* memory) noexcept {
      delete static_cast<std::shared_ptr<const void>*>(memory);
    });
    // The memory is this call's alone: the file was read for it.
    auto* bytes = static_cast<uint8_t*>(const_cast<void*>(array.bytes.get()));
    const size_t shape[] = {array.size};
    const nb::ndarray<nb::numpy, uint8_t> view(bytes, 1, shape, owner);
    values[to_text(array.name)] = nb::make_tuple(array.type, array.shape, nb::cast(view));
  }
  return values;
}

}  // namespace

void add_arrays(nb::module_& module) {
  module.def("nearest_neighbors", nearest_call, Guarded());
  module.def("agreement", agreement_call, Guarded());
  module.def("linear_model", linear_model_call, Guarded());
  module.def("logits", linear_call<logits>, Guarded());
  module.def("probabilities", linear_call<probabilities>, Guarded());
  module.def("load_weights", weights_call, Guarded());
}

}  // namespace nolabel::python
