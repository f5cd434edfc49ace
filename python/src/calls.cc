// The calls that work in a run directory. Settings come as texts by their names, as in YAML
// (nolabel/_settings.py); the library checks them.
#include <nanobind/stl/filesystem.h>

#include "python/src/convert.h"
#include "python/src/modules.h"
#include "python/src/work.h"

namespace nolabel::python {
namespace {

using Paths = std::vector<std::filesystem::path>;

nb::dict by_number(const std::map<int, double>& shares) {
  nb::dict values;
  for (const auto& [number, share] : shares) values[nb::int_(number)] = share;
  return values;
}

nb::dict to_dict(const MineResult& result) {
  nb::dict values;
  values["train_table"] = to_text(result.train_table.string());
  values["validation_table"] = to_text(result.validation_table.string());
  values["n_images"] = result.images;
  values["neighbors"] = result.neighbors;
  values["accuracy"] = by_number(result.accuracy);
  values["validation_accuracy"] = by_number(result.validation_accuracy);
  values["backbone_labels"] = result.backbone_labels;
  return values;
}

nb::dict to_dict(const StageResult& result) {
  nb::dict values;
  values["model"] = to_text(result.model.string());
  values["trained"] = result.trained;
  values["n_images"] = result.images;
  values["final_stage"] = result.final_stage;
  values["figures"] =
      result.figures ? nb::cast<nb::object>(to_list(std::vector{*result.figures})[0]) : nb::none();
  values["backbone_labels"] = result.backbone_labels;
  return values;
}

// What the calls in a run directory have in common.
template <class Options>
Options options_in(Paths data, Settings settings) {
  Options options;
  options.images = std::move(data);
  options.out = take(settings, "out");
  options.settings = std::move(settings);
  return options;
}

nb::dict cluster_call(Paths data, const nb::dict& given, bool return_features, Callback log,
                      Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  auto options = options_in<ClusterOptions>(std::move(data), settings_of(given));
  options.return_features = return_features;
  return python::to_dict(
      run(callbacks, [&](const Observer& observer) { return cluster(options, observer); }));
}

nb::dict update_call(const std::filesystem::path& of, Paths data, const nb::dict& given,
                     bool return_features, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  UpdateOptions options;
  options.run = of;
  options.images = std::move(data);
  options.settings = settings_of(given);
  options.return_features = return_features;
  UpdateResult result =
      run(callbacks, [&](const Observer& observer) { return update(options, observer); });
  nb::list changes;
  for (const ChangedImage& image : result.changes) {
    changes.append(nb::make_tuple(to_text(image.path), image.change, to_text(image.was)));
  }
  nb::dict drift;
  drift["n_images"] = result.drift.images;
  drift["unsure"] = result.drift.unsure;
  drift["unsure_known"] = result.drift.unsure_known;
  drift["distance"] = result.drift.distance;
  drift["distance_known"] = result.drift.distance_known;
  drift["far"] = result.drift.far;
  nb::dict new_by_cluster;
  for (const auto& [id, count] : result.new_by_cluster) new_by_cluster[nb::int_(id)] = count;
  nb::dict values = python::to_dict(std::move(result.clusters));
  values["changes"] = changes;
  values["duplicates_of_known"] = result.duplicates_of_known;
  values["new_by_cluster"] = new_by_cluster;
  values["reassigned"] = result.reassigned;
  values["drift"] = drift;
  values["changes_file"] = to_text(result.changes_file.string());
  return values;
}

nb::dict simclr_call(Paths data, const nb::dict& given, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  auto options = options_in<SimclrOptions>(std::move(data), settings_of(given));
  const SimclrResult result =
      run(callbacks, [&](const Observer& observer) { return simclr(options, observer); });
  nb::dict values;
  values["model"] = to_text(result.model.string());
  values["trained"] = result.trained;
  values["n_images"] = result.images;
  return values;
}

nb::dict moco_call(const std::filesystem::path& file, Paths data, const nb::dict& given,
                   Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  auto options = options_in<MocoOptions>(std::move(data), settings_of(given));
  options.file = file;
  return to_dict(run(callbacks, [&](const Observer& observer) { return moco(options, observer); }));
}

nb::dict mine_call(Paths data, const nb::dict& given, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  auto options = options_in<MineOptions>(std::move(data), settings_of(given));
  return to_dict(run(callbacks, [&](const Observer& observer) { return mine(options, observer); }));
}

template <StageResult (*stage)(const StageOptions&, const Observer&)>
nb::dict stage_call(Paths data, const nb::dict& given, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  auto options = options_in<StageOptions>(std::move(data), settings_of(given));
  return to_dict(
      run(callbacks, [&](const Observer& observer) { return stage(options, observer); }));
}

nb::dict evaluate_call(Paths data, const nb::dict& given, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  Settings settings = settings_of(given);
  const std::string model = take(settings, "model", EvaluateOptions{}.model);
  auto options = options_in<EvaluateOptions>(std::move(data), std::move(settings));
  options.model = model;
  EvaluateResult result =
      run(callbacks, [&](const Observer& observer) { return evaluate(options, observer); });
  nb::dict values;
  values["figures"] =
      result.figures ? nb::cast<nb::object>(to_list(std::vector{*result.figures})[0]) : nb::none();
  values["columns"] = python::to_dict(result.images);
  values["probabilities"] = to_array(std::move(result.probabilities));
  values["features"] = to_array(std::move(result.features));
  values["neighbor_accuracy"] = by_number(result.neighbor_accuracy);
  values["backbone_labels"] = result.backbone_labels;
  return values;
}

nb::dict predict_call(const std::filesystem::path& of, Paths data, const nb::dict& given,
                      Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  Settings settings = settings_of(given);
  PredictOptions options;
  options.run = of;
  options.images = std::move(data);
  options.model = take(settings, "model", options.model);
  options.settings = std::move(settings);
  PredictResult result =
      run(callbacks, [&](const Observer& observer) { return predict(options, observer); });
  nb::list skipped;
  for (const auto& [path, reason] : result.skipped)
    skipped.append(nb::make_tuple(to_text(path), to_text(reason)));
  nb::dict values;
  values["columns"] = python::to_dict(result.images);
  values["probabilities"] = to_array(std::move(result.probabilities));
  values["clusters"] = to_list(result.clusters);
  values["skipped"] = skipped;
  return values;
}

nb::dict report_call(const nb::dict& given, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  Settings settings = settings_of(given);
  ReportOptions options;
  options.out = take(settings, "out");
  options.settings = std::move(settings);
  const ReportResult result =
      run(callbacks, [&](const Observer& observer) { return report(options, observer); });
  nb::dict values;
  values["figures"] = to_list(result.figures);
  values["validation"] = to_list(result.validation);
  values["backbone_labels"] = result.backbone_labels;
  values["assignments_file"] = to_text(result.assignments.string());
  values["report"] = to_text(result.report.string());
  return values;
}

nb::dict edit_call(const std::filesystem::path& of, const std::filesystem::path& edits, bool undo,
                   Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  EditOptions options;
  options.run = of;
  options.edits = edits;
  options.undo = undo;
  const EditResult result =
      run(callbacks, [&](const Observer& observer) { return edit(options, observer); });
  nb::list clusters;
  for (const EditedCluster& one : result.clusters) {
    clusters.append(
        nb::make_tuple(one.cluster.id, to_text(one.cluster.name), to_text(one.origin), one.images));
  }
  nb::dict values;
  values["clusters"] = clusters;
  values["junk"] = result.junk;
  values["changed"] = result.changed;
  values["in_force"] = to_list(result.in_force);
  values["waiting"] = result.waiting;
  values["assignments_file"] = to_text(result.assignments.string());
  values["report"] = to_text(result.report.string());
  return values;
}

nb::dict export_call(const std::filesystem::path& of, const std::filesystem::path& out,
                     const std::string& format, bool copy, bool relative_links, bool junk,
                     bool skip_duplicates, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  ExportOptions options;
  options.run = of;
  options.out = out;
  options.format = format;
  options.copy = copy;
  options.relative_links = relative_links;
  options.junk = junk;
  options.skip_duplicates = skip_duplicates;
  const ExportResult result =
      run(callbacks, [&](const Observer& observer) { return export_run(options, observer); });
  nb::dict values;
  values["clusters"] = to_list(result.clusters);
  values["sizes"] = result.sizes;
  values["n_images"] = result.images;
  values["missing"] = result.missing;
  return values;
}

nb::dict embed_call(Paths data, const nb::dict& given, Callback log, Callback progress) {
  Callbacks callbacks(std::move(log), std::move(progress));
  EmbedOptions options;
  options.images = std::move(data);
  options.settings = settings_of(given);
  EmbedResult result =
      run(callbacks, [&](const Observer& observer) { return embed(options, observer); });
  nb::dict values;
  values["paths"] = to_list(result.paths);
  values["features"] = to_array(std::move(result.features));
  const size_t labelled = result.labels.size();
  values["labels"] = labelled > 0 ? to_array(std::move(result.labels), {labelled}) : nb::none();
  values["class_names"] = to_list(result.class_names);
  values["backbone"] = to_text(result.backbone);
  values["backbone_labels"] = result.backbone_labels;
  return values;
}

nb::list declarations_of(const std::string& call) {
  using enum Declaration::Type;
  static const std::map<Declaration::Type, const char*> types{
      {boolean, "bool"}, {integer, "int"},        {number, "float"},        {text, "str"},
      {path, "path"},    {integers, "list[int]"}, {numbers, "list[float]"}, {choice, "choice"}};
  nb::list list;
  for (const Declaration& declaration : declarations(call)) {
    nb::dict values;
    values["name"] = declaration.name;
    values["type"] = types.at(declaration.type);
    values["default"] = declaration.default_text;
    values["help"] = declaration.help;
    values["range"] = declaration.range;
    values["choices"] = declaration.choices;
    list.append(values);
  }
  return list;
}

}  // namespace

void add_calls(nb::module_& module) {
  module.def("cluster", cluster_call, Guarded());
  module.def("update", update_call, Guarded());
  module.def("simclr", simclr_call, Guarded());
  module.def("moco", moco_call, Guarded());
  module.def("mine", mine_call, Guarded());
  module.def("scan", stage_call<scan>, Guarded());
  module.def("selflabel", stage_call<selflabel>, Guarded());
  module.def("evaluate", evaluate_call, Guarded());
  module.def("predict", predict_call, Guarded());
  module.def("report", report_call, Guarded());
  module.def("edit", edit_call, Guarded());
  module.def("export_run", export_call, Guarded());
  module.def("embed", embed_call, Guarded());
  module.def("declared_calls", declared_calls);
  module.def("declarations", declarations_of);
}

}  // namespace nolabel::python
