#include "nolabel/report/editor_data.h"

#include <cmath>

#include "nolabel/base/error.h"
#include "nolabel/base/path_text.h"

namespace nolabel {
namespace {

using nlohmann::json;

json editor_clusters_json(const std::vector<EditorCluster>& clusters) {
  json list = json::array();
  for (const EditorCluster& cluster : clusters) {
    list.push_back({{"id", cluster.id},
                    {"name", cluster.name},
                    {"origin", cluster.origin},
                    {"images", cluster.images}});
  }
  return list;
}

json editor_images_json(const ReportEditor& editor) {
  json path = json::array(), cluster = json::array(), confidence = json::array(),
       group = json::array();
  std::string status;
  for (const EditorImage& image : editor.images) {
    path.push_back(path_to_json(image.path));
    cluster.push_back(image.cluster);
    confidence.push_back(std::round(image.confidence * 1e3) / 1e3);
    status += static_cast<char>(image.status);
    group.push_back(image.group);
  }
  json images = {{"path", std::move(path)},
                 {"cluster", std::move(cluster)},
                 {"confidence", std::move(confidence)},
                 {"status", std::move(status)},
                 {"group", std::move(group)},
                 {"alike", nullptr}};
  if (editor.alike) images["alike"] = *editor.alike;
  return images;
}

}  // namespace

json editor_json(const ReportEditor& editor) {
  NOLABEL_ASSERT(!editor.alike || editor.alike->size() == editor.images.size());
  return {{"live", editor.live},
          {"clusters", editor_clusters_json(editor.clusters)},
          {"images", editor_images_json(editor)},
          {"edits", editor.edits},
          {"revision", editor.revision},
          {"can_undo", editor.can_undo},
          {"command", editor.command}};
}

}  // namespace nolabel
