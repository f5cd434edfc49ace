#include "python/src/convert.h"

namespace nolabel::python {
namespace {

nb::dict to_dict(const ClusterFigures& figures) {
  nb::dict values;
  values["method"] = to_text(figures.method);
  values["sizes"] = figures.sizes;
  values["empty_clusters"] = figures.empty_clusters;
  values["entropy"] = figures.entropy;
  values["mean_confidence"] = or_none(figures.mean_confidence);
  values["neighbor_agreement"] = or_none(figures.neighbor_agreement);
  values["silhouette"] = or_none(figures.silhouette);
  values["neighbor_information"] = or_none(figures.neighbor_information);
  for (const char* name : {"acc", "nmi", "ami", "ari"}) values[name] = nb::none();
  if (figures.labels) {
    values["acc"] = figures.labels->acc;
    values["nmi"] = figures.labels->nmi;
    values["ami"] = figures.labels->ami;
    values["ari"] = figures.labels->ari;
  }
  return values;
}

}  // namespace

nb::object to_text(const std::string& text) {
  return nb::steal(PyUnicode_DecodeFSDefaultAndSize(text.data(), std::ssize(text)));
}

nb::list to_list(const std::vector<std::string>& texts) {
  nb::list list;
  for (const std::string& text : texts) list.append(to_text(text));
  return list;
}

std::string from_text(nb::handle text) {
  const nb::object bytes = nb::steal(PyUnicode_EncodeFSDefault(text.ptr()));
  if (!bytes.is_valid()) throw nb::python_error();
  char* begin = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(bytes.ptr(), &begin, &size) != 0) throw nb::python_error();
  return {begin, static_cast<size_t>(size)};
}

Settings settings_of(const nb::dict& given) {
  Settings settings;
  for (const auto& [name, value] : given) settings[from_text(name)] = from_text(value);
  return settings;
}

ImageView view_of(const Picture& picture) {
  return {picture.data(), static_cast<int>(picture.shape(0)), static_cast<int>(picture.shape(1))};
}

nb::object to_array(Image&& picture) {
  return to_array(std::move(picture.pixels),
                  {static_cast<size_t>(picture.height), static_cast<size_t>(picture.width), 3});
}

nb::list to_list(const std::vector<NamedCluster>& clusters) {
  nb::list list;
  for (const NamedCluster& cluster : clusters)
    list.append(nb::make_tuple(cluster.id, to_text(cluster.name)));
  return list;
}

nb::dict to_dict(const std::vector<ClusteredImage>& images) {
  nb::list paths, statuses;
  std::vector<int64_t> clusters, runners_up;
  std::vector<float> confidences, runner_up_confidences;
  for (const ClusteredImage& image : images) {
    paths.append(to_text(image.path));
    clusters.push_back(image.choice.cluster);
    confidences.push_back(image.choice.confidence);
    runners_up.push_back(image.choice.runner_up);
    runner_up_confidences.push_back(image.choice.runner_up_confidence);
    statuses.append(image.status);
  }
  const size_t count = images.size();
  nb::dict columns;
  columns["path"] = paths;
  columns["cluster"] = to_array(std::move(clusters), {count});
  columns["confidence"] = to_array(std::move(confidences), {count});
  columns["runner_up"] = to_array(std::move(runners_up), {count});
  columns["runner_up_confidence"] = to_array(std::move(runner_up_confidences), {count});
  columns["status"] = statuses;
  return columns;
}

nb::list to_list(const std::vector<ClusterFigures>& figures) {
  nb::list list;
  for (const ClusterFigures& one : figures) list.append(to_dict(one));
  return list;
}

nb::dict to_dict(ClusterResult&& result) {
  nb::dict values;
  values["final_stage"] = result.final_stage;
  values["choice"] = to_text(result.choice);
  values["n_clusters"] = result.clusters;
  values["clusters_range"] = result.clusters_range
                                 ? nb::cast<nb::object>(nb::make_tuple(
                                       result.clusters_range->first, result.clusters_range->second))
                                 : nb::none();
  values["continued"] = result.continued;
  values["clusters"] = to_list(result.identities);
  values["columns"] = to_dict(result.images);
  values["probabilities"] = to_array(std::move(result.probabilities));
  values["features"] = result.features.rows > 0 ? to_array(std::move(result.features)) : nb::none();
  values["figures"] = to_list(result.figures);
  values["validation"] = to_list(result.validation);
  values["backbone_labels"] = result.backbone_labels;
  values["warnings"] = to_list(result.warnings);
  values["assignments_file"] = to_text(result.assignments.string());
  values["report"] = to_text(result.report.string());
  values["seconds"] = result.seconds;
  return values;
}

std::string take(Settings& settings, const std::string& name, const std::string& otherwise) {
  const auto found = settings.find(name);
  if (found == settings.end()) return otherwise;
  std::string value = std::move(found->second);
  settings.erase(found);
  return value;
}

}  // namespace nolabel::python
