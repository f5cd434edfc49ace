// nolabel mine: the nearest neighbors of every image.
#include <map>
#include <nlohmann/json.hpp>

#include "cli/mine.h"
#include "cli/run_subject.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/pipeline/neighbor_tables.h"

namespace nolabel::cli {
namespace {

std::string accuracy_text(const nlohmann::json& result, const char* key, const char* title) {
  if (!result.contains(key)) return "";
  std::string text = format("{}:", title);
  std::map<int, double> by_k;  // JSON would have "20" before "5"
  for (const auto& [k, value] : result[key].items()) by_k[std::stoi(k)] = value;
  for (const auto& [k, value] : by_k) text += format("  {:.1f} % of the first {}", value * 100, k);
  return text + "\n";
}

}  // namespace

void settle_search(MineSettings& settings) {
  require_search(settings);
  settings.advice = search_advice(settings);
}

nlohmann::json mine_subject(const CommandLine& line, const RunDirectory& run,
                            const Subject& subject, bool before_head, const MineSettings& settings,
                            const Environment& environment) {
  const SubjectSide& validation = subject.validation_or_train();
  const auto mined = [before_head](const SubjectSide& side) {
    return MinedImages{before_head ? side.features : side.mined, side.labels};
  };
  nlohmann::json result = run_mine(run, mined(subject.train), mined(validation), settings,
                                   subject.backbone_hash + (before_head ? " before the head" : ""),
                                   subject.data_fingerprint, environment);
  line.print(format("{}: {} neighbors of {} images, by {}\n", run.train_neighbors().string(),
                    result["neighbors"].get<int>(), result["images"].get<int64_t>(),
                    subject.backbone.origin));
  line.print(accuracy_text(result, "neighbor_accuracy", "same label, training images"));
  if (subject.validation) {
    line.print(accuracy_text(result, "validation_neighbor_accuracy", "same label, test images"));
  }
  return result;
}

int run_mine_command(CommandLine& line) {
  RunOptions options;
  SubjectOptions wanted;
  MineSettings settings;
  std::string save_features;
  bool before_head = false;
  declare_run(line, options);
  declare(line.options(), wanted);
  line.options().add("save_features", &save_features,
                     "also write the mined features [N,D] to this .npy file", Effect::none);
  line.options().add("before_head", &before_head,
                     "mine on the backbone's features, not on the embeddings behind a projection "
                     "head (published for MoCo)");
  declare(line.settings(), settings);
  ViewSettings views;
  declare_evaluation(line.settings(), views);
  declare_config(line, options);
  if (!line.parse()) return 0;
  settle_search(settings);
  settle_config(line, options, Setup::any, line.observer());
  take_evaluation_views(wanted, views, line);

  Environment environment = make_environment(options.device, line.observer());
  environment.force = options.force;
  RunDirectory run(run_directory_of(line, options));
  const Subject subject = load_subject(line, options, wanted, run, environment);
  line.result(mine_subject(line, run, subject, before_head, settings, environment));
  run.save_description();
  if (!save_features.empty()) {
    const SubjectSide& side = subject.train;
    write_npy(save_features, to_matrix(before_head ? side.features : side.mined));
  }
  return 0;
}

}  // namespace nolabel::cli
