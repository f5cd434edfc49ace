// A small report with everything in it and names that try to run, for the tests of this folder.
#pragma once

#include <memory>

#include "nolabel/base/random.h"
#include "nolabel/report/report_data.h"

namespace nolabel {

inline const std::string kNastyName = "\"><img src=x onerror=alert(1)>.jpg";
inline const std::string kScriptName = "</script><script>alert(2)</script><!--.jpg";

// What ReportData points to lives here.
struct SampleReport {
  Dataset images;
  Matrix<float> features;
  ReportData data;
};

// A picture of noise, so that it compresses badly, in the color of its class.
inline Image noise_picture(int side, int c, uint64_t seed) {
  Image image(side, side);
  Random random(seed, Purpose::sample);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<uint8_t>(random.below(128) + (i % 3 == c % 3u ? 127 : 0));
  }
  return image;
}

// n images of `classes` classes; cluster k holds class k, a few images are in the wrong one, the
// last cluster is empty.
inline std::unique_ptr<SampleReport> sample_report(int n, int classes, int side = 40) {
  std::vector<Image> images;
  std::vector<std::string> names;
  std::vector<int> labels;
  Matrix<float> features(n, 8), probabilities(n, classes + 1);
  Random random(5, Purpose::sample);
  ReportData data;
  for (int i = 0; i < n; ++i) {
    const int label = i % classes, cluster = i % 11 == 10 ? (label + 1) % classes : label;
    images.push_back(noise_picture(side, label, i));
    names.push_back(i == 0 ? kNastyName : i == 1 ? kScriptName : "photo " + std::to_string(i));
    labels.push_back(label);
    const float confidence = .4f + .6f * random.uniform();
    probabilities.at(i, cluster) = confidence;
    probabilities.at(i, (cluster + 1) % classes) += 1 - confidence;
    for (int d = 0; d < 8; ++d) {
      features.at(i, d) = static_cast<float>(random.normal()) + (d == cluster % 8 ? 6.f : 0.f);
    }
  }
  for (int c = 0; c < classes; ++c) data.class_names.push_back("<b>class " + std::to_string(c));
  // Each class in two parts, which are merged again; then the classes, one after another.
  ReportTree tree;
  for (int i = 0; i < n; ++i) {
    const int cluster = i % 11 == 10 ? (i % classes + 1) % classes : i % classes;
    tree.part.push_back(2 * cluster + i / classes % 2);
  }
  for (int c = 0; c < classes; ++c) tree.cluster_of.insert(tree.cluster_of.end(), 2, c);
  for (int c = 0; c < classes; ++c) tree.merges.emplace_back(2 * c, 2 * c + 1);
  for (int c = 1; c + 1 < classes; ++c) tree.merges.emplace_back(0, 2 * c);
  data.tree = std::move(tree);
  data.title = "sample <img src=x onerror=alert(3)>";
  data.facts = {{"Data", "noise"}, {"Backbone", "none <script>alert(4)</script>"}};
  data.warnings = {
      "Features are weak: groups by look, not by meaning. <img src=x onerror=alert(5)>"};
  data.backbone_labels = "No labels took part. <img src=x onerror=alert(6)>";
  data.skipped = {{kNastyName, "not an image <img src=x onerror=alert(7)>"}};
  data.originals = "photos%20%23%3F/";
  data.cluster_count = classes + 1;
  data.assignments = assign(probabilities);
  data.names = names;
  data.labels = labels;
  data.methods = {{"SCAN", cluster_statistics(probabilities, nullptr, &features, {}), true,
                   evaluate_labels(probabilities, labels, classes)}};
  data.methods.push_back(data.methods[0]);
  data.methods[1].name = "k-means";
  data.methods[1].has_confidence = false;
  for (const auto& members : members_by_confidence(data.assignments, data.cluster_count)) {
    data.prototypes.push_back(members.empty() ? -1 : members[0]);
  }
  for (int epoch = 1; epoch <= 5; ++epoch) {
    data.curves.push_back({{"stage", "scan"},
                           {"epoch", epoch},
                           {"loss", 1. / epoch},
                           {"validation", {{"entropy", 2 - 1. / epoch}}}});
  }
  data.settings = {{"epochs", 5}, {"optimizer_kwargs", {{"lr", 1e-4}}}, {"note", kNastyName}};

  auto sample = std::make_unique<SampleReport>(SampleReport{
      make_dataset(images, names, labels, data.class_names), std::move(features), std::move(data)});
  sample->data.images = &sample->images;
  sample->data.features = &sample->features;
  return sample;
}

// An editor of the sample's images: some are unsure, duplicates or junk; names that try to run.
inline ReportEditor sample_editor(const SampleReport& sample) {
  const ReportData& data = sample.data;
  ReportEditor editor;
  for (int k = 0; k < data.cluster_count; ++k) {
    editor.clusters.push_back({k, k == 1 ? kNastyName : "", "found by nolabel", 0});
  }
  const int64_t n = std::ssize(data.names);
  std::vector<std::vector<int64_t>> alike(n);
  for (int64_t i = 0; i < n; ++i) {
    const Assignment& a = data.assignments[i];
    // Each tenth image and the next one are a group of duplicates.
    const EditorStatus status = i % 10 == 1          ? EditorStatus::duplicate
                                : a.confidence < .6f ? EditorStatus::unsure
                                : i % 40 == 39       ? EditorStatus::junk
                                                     : EditorStatus::ok;
    editor.images.push_back(
        {data.names[i], a.cluster, a.confidence, status, i % 10 < 2 ? i / 10 : -1});
    ++editor.clusters[a.cluster].images;
    for (int64_t step = 1; step <= std::min<int64_t>(12, n - 1); ++step) {
      alike[i].push_back((i + step) % n);
    }
  }
  editor.alike = std::move(alike);
  editor.edits = {"1. cluster 1 is named " + kNastyName};
  editor.command = "nolabel apply 'my photos/run' edits.json";
  return editor;
}

}  // namespace nolabel
