// Pictures in memory: clusters, features and random views of them.
#include <nanobind/stl/filesystem.h>

#include "python/src/convert.h"
#include "python/src/modules.h"
#include "python/src/work.h"

namespace nolabel::python {
namespace {

std::vector<ImageView> views_of(const std::vector<Picture>& pictures) {
  std::vector<ImageView> views;
  for (const Picture& picture : pictures) views.push_back(view_of(picture));
  return views;
}

Compute compute_of(const std::string& device, const std::string& precision, int threads,
                   bool run_program) {
  return {device, precision, threads, run_program};
}

nb::dict choices_of(const Predictor& predictor, const std::vector<Picture>& pictures) {
  const std::vector<ImageView> views = views_of(pictures);
  const std::vector<ClusterChoice> choices =
      run([&](const Observer& observer) { return predictor.predict(views, observer); });
  std::vector<int64_t> clusters, runners_up;
  std::vector<float> confidences, runner_up_confidences;
  for (const ClusterChoice& choice : choices) {
    clusters.push_back(choice.cluster);
    confidences.push_back(choice.confidence);
    runners_up.push_back(choice.runner_up);
    runner_up_confidences.push_back(choice.runner_up_confidence);
  }
  const size_t count = choices.size();
  nb::dict columns;
  columns["cluster"] = to_array(std::move(clusters), {count});
  columns["confidence"] = to_array(std::move(confidences), {count});
  columns["runner_up"] = to_array(std::move(runners_up), {count});
  columns["runner_up_confidence"] = to_array(std::move(runner_up_confidences), {count});
  return columns;
}

nb::object features_of(const Embedder& embedder, const std::vector<Picture>& pictures,
                       Callback progress) {
  Callbacks callbacks(std::nullopt, std::move(progress));
  const std::vector<ImageView> views = views_of(pictures);
  return to_array(
      run(callbacks, [&](const Observer& observer) { return embedder.embed(views, observer); }));
}

// uint8 [count, size, size, 3]
nb::object views_call(const Picture& picture, const std::string& recipe, int size, int count,
                      uint64_t seed, const nb::dict& given) {
  const ViewsOptions options{recipe, size, count, seed, settings_of(given)};
  const std::vector<Image> drawn =
      run([&](const Observer& observer) { return views(view_of(picture), options, observer); });
  std::vector<uint8_t> pixels;
  for (const Image& view : drawn) {
    pixels.insert(pixels.end(), view.pixels.begin(), view.pixels.end());
  }
  const auto side = static_cast<size_t>(size);
  return to_array(std::move(pixels), {drawn.size(), side, side, 3});
}

// float32 [count, size, size, 3]
nb::object normalized_views_call(const Picture& picture, const std::string& recipe, int size,
                                 int count, uint64_t seed, const nb::dict& given) {
  const ViewsOptions options{recipe, size, count, seed, settings_of(given)};
  Matrix<float> drawn = run([&](const Observer& observer) {
    return normalized_views(view_of(picture), options, observer);
  });
  const auto side = static_cast<size_t>(size);
  return to_array(std::move(drawn.values), {static_cast<size_t>(drawn.rows), side, side, 3});
}

}  // namespace

void add_pictures(nb::module_& module) {
  nb::class_<Predictor>(module, "Predictor")
      .def(
          "__init__",
          [](Predictor* self, const std::filesystem::path& of, const std::string& device,
             const std::string& precision, int threads, bool run_program) {
            const Compute compute = compute_of(device, precision, threads, run_program);
            new (self) Predictor(run([&](const Observer&) { return Predictor(of, compute); }));
          },
          Guarded())
      .def("predict", choices_of, Guarded())
      .def("clusters", [](const Predictor& self) { return to_list(self.named_clusters()); })
      .def("image_size", &Predictor::image_size);
  nb::class_<Embedder>(module, "Embedder")
      .def(
          "__init__",
          [](Embedder* self, const std::filesystem::path& backbone, int image_size,
             const std::string& device, const std::string& precision, int threads,
             bool run_program) {
            const Compute compute = compute_of(device, precision, threads, run_program);
            new (self) Embedder(run(
                [&](const Observer&) { return Embedder(backbone.string(), image_size, compute); }));
          },
          Guarded())
      .def("embed", features_of, Guarded())
      .def("dimensions", &Embedder::dimensions)
      .def("image_size", &Embedder::image_size)
      .def("backbone", [](const Embedder& self) { return to_text(self.backbone()); })
      .def("backbone_labels", &Embedder::backbone_labels);
  module.def("views", views_call, Guarded());
  module.def("normalized_views", normalized_views_call, Guarded());
  module.def(
      "read_picture",
      [](const std::filesystem::path& file) {
        return to_array(run([&](const Observer&) { return read_picture(file); }));
      },
      Guarded());
}

}  // namespace nolabel::python
