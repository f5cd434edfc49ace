#include "nolabel/zoo/verify.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/model/device.h"
#include "nolabel/pipeline/figures.h"
#include "nolabel/pipeline/pretext_figures.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/zoo/get.h"
#include "nolabel/zoo/network.h"
#include "nolabel/zoo/table.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Result = ZooCheck::Result;

json clustering_figures(const StateDict& state, const Subject& subject,
                        const Environment& environment) {
  TrainedModel trained = clustering_model_of(state, std::nullopt, subject.backbone, environment);
  const auto inputs = split_inputs(subject, subject.train, true, environment);
  const Evaluation evaluation = evaluate(trained, *inputs, environment.observer);
  const json all =
      figures_json(compute_figures(trained.stage, evaluation.probabilities, subject.train.labels,
                                   static_cast<int>(subject.class_names.size()), nullptr, nullptr,
                                   environment.seed, environment.threads));
  json figures{{"images", subject.train.dataset->size()}};
  for (const char* name : {"ACC", "NMI", "AMI", "ARI", "top5"}) figures[name] = all.at(name);
  return figures;
}

json neighbor_figures(const SubjectSplit& split, const Environment& environment) {
  const PretextFigures figures = pretext_figures(split, environment);
  json accuracy = json::object();
  for (const auto& [k, value] : figures.neighbor_accuracy) accuracy[std::to_string(k)] = value;
  return {{"images", figures.images}, {"neighbor_accuracy", accuracy}};
}

ZooCheck checked(const std::string& what, const std::function<std::string()>& check) {
  try {
    return {what, Result::passed, check()};
  } catch (const Error& error) {
    if (error.fault() == Fault::stopped || error.fault() == Fault::system) throw;
    return {what, Result::failed, error.what()};
  }
}

// Every number among the figures by its name: "ACC", "neighbor_accuracy 5".
std::vector<std::pair<std::string, double>> numbers_of(const json& figures) {
  std::vector<std::pair<std::string, double>> numbers;
  for (const auto& [name, value] : figures.items()) {
    if (value.is_number_float()) numbers.emplace_back(name, value.get<double>());
    if (!value.is_object()) continue;
    for (const auto& [key, inner] : value.items()) {
      if (inner.is_number()) numbers.emplace_back(name + " " + key, inner.get<double>());
    }
  }
  return numbers;
}

}  // namespace

bool ZooVerdict::passed() const {
  return std::ranges::none_of(checks,
                              [](const ZooCheck& check) { return check.result == Result::failed; });
}

json measure(const fs::path& file, const fs::path& data, const Environment& environment) {
  WeightsInFile weights = read_model_weights(file);
  const StateDict state = best_head_state(weights);
  Backbone backbone = backbone_of(file, std::move(weights));
  require_takes_images(backbone);
  const TemporaryDirectory scratch;  // for the lists of skipped and doubled images
  RunImages images = load_split({data}, {}, picture_size(backbone), RunSplit::validation,
                                scratch.path(), environment);
  const std::string fingerprint = images.train.fingerprint();
  const Subject subject =
      image_subject(std::move(images), std::move(backbone), std::nullopt, environment);
  if (subject.train.labels.empty()) {
    fail_usage("the zoo's figures are measured with labels. The images of {} have none.",
               data.string());
  }
  json figures = cluster_head_count(state) > 0 ? clustering_figures(state, subject, environment)
                                               : neighbor_figures(subject.train, environment);
  figures["data"] = fingerprint;
  figures["precision"] = precision_name(environment.precision);
  return figures;
}

ZooCheck compare_figures(const json& listed, const json& measured, double tolerance) {
  double worst = 0;
  std::string name_of_worst;
  const auto again = numbers_of(measured);
  for (const auto& [name, value] : numbers_of(listed)) {
    const auto found = std::ranges::find(again, name, &std::pair<std::string, double>::first);
    if (found == again.end()) return {"figures", Result::failed, name + " was not measured"};
    const double difference = std::abs(found->second - value);
    if (name_of_worst.empty() || !(difference <= worst)) {
      worst = difference;
      name_of_worst = name;
    }
  }
  const bool within = !name_of_worst.empty() && worst <= tolerance;
  return {"figures", within ? Result::passed : Result::failed,
          format("{}: at most {:.2f} points from the list ({}); {:.2f} are allowed",
                 figures_text(measured), worst * 100, name_of_worst, tolerance * 100)};
}

ZooVerdict verify_entry(const ZooManifest& manifest, const ZooEntry& entry, const fs::path& file,
                        const fs::path& data, const Environment& environment) {
  ZooVerdict verdict{.name = entry.name, .checks = {}, .measured = nullptr};
  verdict.checks.push_back(checked("checksum", [&] {
    require_listed_bytes(entry.file, file);
    return format("{} bytes, SHA-256 {}", entry.file.bytes, entry.file.sha256);
  }));
  if (!verdict.passed()) return verdict;
  verdict.checks.push_back(checked("network", [&] {
    const json network = network_of(file);
    if (network != entry.network) {
      fail_data("its network must be {}. It is {}.", entry.network.dump(), network.dump());
    }
    return network_text(network) + ", every tensor in its place";
  }));
  if (!verdict.passed() || data.empty()) return verdict;
  verdict.measured = measure(file, data, environment);
  if (verdict.measured.at("data") != entry.metrics.at("data")) {
    verdict.checks.push_back(
        {"figures", Result::not_judged,
         format("{} on {} images that are not the listed ones", figures_text(verdict.measured),
                verdict.measured.at("images").get<int64_t>())});
  } else {
    verdict.checks.push_back(compare_figures(entry.metrics, verdict.measured, manifest.tolerance));
  }
  return verdict;
}

}  // namespace nolabel
