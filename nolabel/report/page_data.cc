#include "nolabel/report/page_data.h"

#include <algorithm>
#include <cmath>

#include "nolabel/base/format.h"
#include "nolabel/report/cluster_names.h"
#include "nolabel/report/editor_data.h"
#include "nolabel/report/embedding_map.h"
#include "nolabel/report/evaluation_json.h"
#include "nolabel/report/gallery.h"
#include "nolabel/report/thumbnails.h"

namespace nolabel {
namespace {

using nlohmann::json;

constexpr int kHistogramBins = 20;
constexpr int64_t kMapPoints = 2000;
constexpr int kSpriteSide = 48;
// A matrix of more classes than this has less than a pixel per cell on a screen.
constexpr int kMostConfusionClasses = 1000;
constexpr size_t kCurvePoints = 600;

double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

json method_json(const ReportMethod& method) {
  json object = statistics_json(method.statistics);
  object["name"] = method.name;
  object["has_confidence"] = method.has_confidence;
  if (method.labels) {
    const LabelEvaluation& e = *method.labels;
    object["labels"] = {
        {"ACC", e.acc}, {"NMI", e.nmi}, {"AMI", e.ami}, {"ARI", e.ari}, {"top5", e.top5}};
  }
  return object;
}

// Cells that are not zero.
json confusion_json(const Matrix<float>& confusion) {
  json cells = json::array();
  for (int64_t i = 0; i < confusion.rows; ++i) {
    for (int64_t j = 0; j < confusion.columns; ++j) {
      if (confusion.at(i, j) > 0) cells.push_back({i, j, rounded(confusion.at(i, j))});
    }
  }
  return {{"classes", confusion.rows}, {"columns", confusion.columns}, {"cells", cells}};
}

// [K] the name that a person gave, "dog" when the cluster agrees with a class (cluster_names.h),
// else "cluster 3".
std::vector<std::string> cluster_names(const ReportData& data) {
  std::vector<std::string> names;
  for (int k = 0; k < data.cluster_count; ++k) {
    names.push_back(data.identities.empty() ? format("cluster {}", k)
                                            : cluster_title(data.identities[k]));
  }
  if (data.methods.empty() || !data.methods[0].labels) return names;
  const std::vector<int> classes = agreeing_classes(*data.methods[0].labels);
  for (int k = 0; k < data.cluster_count; ++k) {
    const bool named = !data.identities.empty() && !data.identities[k].name.empty();
    if (classes[k] >= 0 && !named) names[k] = data.class_names.at(classes[k]);
  }
  return names;
}

json skipped_json(const ReportData& data) {
  json files = json::array();
  for (const SkippedImage& image : data.skipped) {
    if (files.size() == kListedSkipped) break;
    files.push_back({image.name, image.reason});
  }
  return {{"count", data.skipped.size()}, {"files", std::move(files)}};
}

// [{"images", "confidence", "histogram"}] of `count` groups of images; group_of(i) is that of image
// i.
template <class GroupOf>
json groups_json(const ReportData& data, int64_t count, const GroupOf& group_of) {
  struct Sum {
    int64_t images = 0;
    double confidence = 0;
    std::vector<int64_t> histogram = std::vector<int64_t>(kHistogramBins);
  };
  std::vector<Sum> sums(count);
  for (size_t i = 0; i < data.assignments.size(); ++i) {
    if (!data.is_counted(static_cast<int64_t>(i))) continue;
    Sum& s = sums[group_of(i)];
    ++s.images;
    s.confidence += data.assignments[i].confidence;
    const int bin = static_cast<int>(data.assignments[i].confidence * kHistogramBins);
    ++s.histogram[std::clamp(bin, 0, kHistogramBins - 1)];
  }
  json groups = json::array();
  for (const Sum& s : sums) {
    const double images = static_cast<double>(std::max<int64_t>(s.images, 1));
    groups.push_back({{"images", s.images},
                      {"confidence", rounded(s.confidence / images)},
                      {"histogram", s.histogram}});
  }
  return groups;
}

json clusters_json(const ReportData& data) {
  json clusters =
      groups_json(data, data.cluster_count, [&](size_t i) { return data.assignments[i].cluster; });
  const std::vector<std::string> names = cluster_names(data);
  for (int k = 0; k < data.cluster_count; ++k) clusters[k]["name"] = names[k];
  return clusters;
}

json tree_json(const ReportData& data) {
  if (!data.tree) return nullptr;
  const ReportTree& tree = *data.tree;
  json parts =
      groups_json(data, std::ssize(tree.cluster_of), [&](size_t i) { return tree.part[i]; });
  for (size_t part = 0; part < tree.cluster_of.size(); ++part) {
    parts[part]["cluster"] = tree.cluster_of[part];
  }
  json merges = json::array();
  for (const auto& [kept, gone] : tree.merges) merges.push_back({kept, gone});
  return {{"parts", std::move(parts)}, {"merges", std::move(merges)}, {"refits", tree.refits}};
}

json methods_json(const std::vector<ReportMethod>& methods) {
  json list = json::array();
  for (const ReportMethod& method : methods) list.push_back(method_json(method));
  return list;
}

json map_json(const ReportData& data) {
  const std::vector<MapPoint> points =
      embedding_map(*data.features, kMapPoints, data.seed, data.threads);
  json map = {{"x", json::array()},          {"y", json::array()},    {"cluster", json::array()},
              {"confidence", json::array()}, {"name", json::array()}, {"sprite", nullptr}};
  if (data.tree) map["part"] = json::array();
  std::vector<int64_t> chosen;
  for (const MapPoint& p : points) {
    if (!data.is_counted(p.image)) continue;
    map["x"].push_back(rounded(p.x));
    map["y"].push_back(rounded(p.y));
    map["cluster"].push_back(data.assignments[p.image].cluster);
    map["confidence"].push_back(rounded(data.assignments[p.image].confidence));
    map["name"].push_back(data.names[p.image]);
    if (data.tree) map["part"].push_back(data.tree->part[p.image]);
    chosen.push_back(p.image);
  }
  if (data.images && !chosen.empty()) {
    const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(chosen.size()))));
    map["sprite"] = {{"uri", sprite_uri(*data.images, chosen, kSpriteSide, columns, data.threads)},
                     {"side", kSpriteSide},
                     {"columns", columns}};
  }
  return map;
}

// Every n-th object, and the last, of each run of objects of one stage.
json thinned_curves(const json& curves) {
  const size_t every = (curves.size() + kCurvePoints - 1) / kCurvePoints;
  json kept = json::array();
  for (size_t i = 0; i < curves.size(); ++i) {
    const bool last =
        i + 1 == curves.size() || curves[i].value("stage", "") != curves[i + 1].value("stage", "");
    if (last || i % every == 0) kept.push_back(curves[i]);
  }
  return kept;
}

std::string without_slash(const std::string& url) {
  return url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
}

// A page of limited size shows its clusters rather than the editor of very many images.
void add_editor(const ReportEditor& editor, json& page, Budget& budget) {
  json object = editor_json(editor);
  const auto bytes = static_cast<int64_t>(script_json(object).size());
  if (budget.take(bytes)) {
    page["editor"] = std::move(object);
    return;
  }
  json reason = format(
      "This page has no editor of the clusters: the list of its {} images is too long for a page.",
      editor.images.size());
  budget.spend(static_cast<int64_t>(script_json(reason).size()));
  page["no_editor"] = std::move(reason);
}

}  // namespace

std::string script_json(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  for (size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
    text.replace(at, 1, "\\u003c");
  }
  return text;
}

json page_data(const ReportData& data, Budget& budget) {
  json page = {{"title", data.title},
               {"facts", json::array()},
               {"warnings", data.warnings},
               {"backbone_labels", nullptr},
               {"folders_are_labels", data.labels_from_folders},
               {"skipped", skipped_json(data)},
               {"images", data.assignments.size()},
               {"class_names", data.class_names},
               {"choice", data.choice},
               {"methods", methods_json(data.methods)},
               {"validation_methods", methods_json(data.validation_methods)},
               {"clusters", clusters_json(data)},
               {"tree", tree_json(data)},
               {"map", nullptr},
               {"confusion", nullptr},
               {"editor", nullptr},
               {"curves", thinned_curves(data.curves)},
               {"settings", data.settings},
               {"made_from", data.made_from}};
  if (data.backbone_labels) page["backbone_labels"] = *data.backbone_labels;
  for (const ReportFact& fact : data.facts) page["facts"].push_back({fact.name, fact.value});
  if (!data.methods.empty() && data.methods[0].labels &&
      data.methods[0].labels->classes <= kMostConfusionClasses) {
    page["confusion"] = confusion_json(data.methods[0].labels->confusion);
  }
  if (!data.originals.empty()) page["originals"] = without_slash(data.originals);
  budget.spend(static_cast<int64_t>(script_json(page).size()));
  if (data.editor) add_editor(*data.editor, page, budget);
  if (data.features && data.features->rows > 0) {
    json map = map_json(data);
    if (budget.take(static_cast<int64_t>(script_json(map).size()))) page["map"] = std::move(map);
  }
  Gallery gallery = make_gallery(data, budget);
  page["pictures"] = std::move(gallery.pictures);
  page["prototypes"] = std::move(gallery.prototypes);
  for (int k = 0; k < data.cluster_count; ++k) {
    page["clusters"][k]["most"] = std::move(gallery.most[k]);
    page["clusters"][k]["least"] = std::move(gallery.least[k]);
  }
  for (size_t part = 0; part < gallery.parts.size(); ++part) {
    page["tree"]["parts"][part]["pictures"] = std::move(gallery.parts[part]);
  }
  return page;
}

}  // namespace nolabel
