#include "nolabel/pipeline/export_tables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/path_text.h"
#include "nolabel/base/version.h"

namespace nolabel {
namespace {

using Json = nlohmann::ordered_json;

// The fewest digits that read back as the same float.
std::string fewest_digits(float value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

// The number that has these digits: JSON writes more for the float itself.
double decimal(float value) {
  const std::string text = fewest_digits(value);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

const std::string& name_of(const std::vector<ClusterIdentity>& clusters, int id) {
  return clusters.at(index_of(clusters, id).value()).name;
}

Json json_row(const std::vector<ClusterIdentity>& clusters, const ResultImage& image) {
  const Assignment& a = image.assignment;
  Json row = {{"path", path_to_json(image.path)},
              {"cluster", a.cluster},
              {"name", name_of(clusters, a.cluster)},
              {"confidence", decimal(a.confidence)}};
  if (a.runner_up >= 0) {
    row["runner_up"] = a.runner_up;
    row["runner_up_confidence"] = decimal(a.runner_up_confidence);
  }
  if (image.status) row["status"] = status_name(*image.status);
  // Names of folders can be labels, and so any bytes.
  if (!image.label.empty()) row["label"] = path_to_json(image.label);
  return row;
}

// "cats", "cluster 3"; "cats (7)" where other clusters have this title, too.
std::string category_name(const ClusterIdentity& cluster,
                          const std::vector<ClusterIdentity>& clusters) {
  const std::string title = cluster_title(cluster);
  const auto same = std::ranges::count(clusters, title, cluster_title);
  return same > 1 ? format("{} ({})", title, cluster.id) : title;
}

// "name":[…], one object a line.
template <class Objects>
std::string json_list(const char* name, const Objects& objects) {
  std::string text = format(",\n\"{}\":[", name);
  const char* between = "\n";
  for (const Json& object : objects) {
    text += between + object.dump();
    between = ",\n";
  }
  return text + "]";
}

}  // namespace

std::string export_csv(const std::vector<ClusterIdentity>& clusters,
                       const std::vector<ResultImage>& images) {
  const bool labelled =
      std::ranges::any_of(images, [](const ResultImage& image) { return !image.label.empty(); });
  std::vector<std::string> row = {
      "path", "cluster", "name", "confidence", "runner_up", "runner_up_confidence", "status"};
  if (labelled) row.emplace_back("label");
  std::string text = csv_row(row);
  for (const ResultImage& image : images) {
    const Assignment& a = image.assignment;
    const bool has_runner_up = a.runner_up >= 0;
    row = {image.path,
           std::to_string(a.cluster),
           name_of(clusters, a.cluster),
           fewest_digits(a.confidence),
           has_runner_up ? std::to_string(a.runner_up) : "",
           has_runner_up ? fewest_digits(a.runner_up_confidence) : "",
           image.status ? status_name(*image.status) : ""};
    if (labelled) row.push_back(image.label);
    text += csv_row(row);
  }
  return text;
}

std::string export_json_lines(const std::vector<ClusterIdentity>& clusters,
                              const std::vector<ResultImage>& images) {
  std::string text;
  for (const ResultImage& image : images) text += json_row(clusters, image).dump() + "\n";
  return text;
}

std::string export_coco(const std::vector<ClusterIdentity>& clusters,
                        const std::vector<ResultImage>& images,
                        const std::vector<std::optional<PixelSize>>& sizes,
                        const std::filesystem::path& root) {
  NOLABEL_ASSERT(images.size() == sizes.size());
  Json info = {{"description", "clusters of images, found without labels by nolabel"},
               {"version", version}};
  if (!root.empty()) info["folder"] = path_to_json(root);
  std::vector<Json> categories, pictures, annotations;
  std::map<int, size_t> category_of;
  for (const ClusterIdentity& cluster : clusters) {
    const size_t id = categories.size() + 1;
    category_of[cluster.id] = id;
    categories.push_back({{"id", id},
                          {"name", category_name(cluster, clusters)},
                          {"supercategory", "cluster"},
                          {"cluster", cluster.id}});
  }
  for (size_t i = 0; i < images.size(); ++i) {
    Json picture = {{"id", i + 1}, {"file_name", path_to_json(images[i].path)}};
    if (sizes[i]) {
      picture["width"] = sizes[i]->width;
      picture["height"] = sizes[i]->height;
    }
    pictures.push_back(std::move(picture));
    Json annotation = {{"id", i + 1},
                       {"image_id", i + 1},
                       {"category_id", category_of.at(images[i].assignment.cluster)},
                       {"score", decimal(images[i].assignment.confidence)}};
    if (images[i].status) annotation["status"] = status_name(*images[i].status);
    annotations.push_back(std::move(annotation));
  }
  return "{\"info\":" + info.dump() + json_list("categories", categories) +
         json_list("images", pictures) + json_list("annotations", annotations) + "}\n";
}

}  // namespace nolabel
