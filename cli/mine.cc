// nolabel mine: the nearest neighbors of every image.
#include <map>
#include <nlohmann/json.hpp>

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

int run_mine_command(CommandLine& line) {
  RunOptions options;
  SubjectOptions wanted;
  MineSettings settings;
  std::string save_features;
  declare_run(line, options);
  declare(line.options(), wanted);
  line.options().add("save_features", &save_features,
                     "also write the mined features [N,D] to this .npy file", Effect::none);
  declare(line.settings(), settings);
  if (!line.parse()) return 0;

  Environment environment = make_environment(options.device, line.observer());
  environment.force = options.force;
  RunDirectory run(run_directory_of(options));
  const Subject subject = load_subject(line, options, wanted, run, environment);
  const SubjectSide& validation = subject.validation_or_train();
  const nlohmann::json result = run_mine(
      run, {subject.train.mined, subject.train.labels}, {validation.mined, validation.labels},
      settings, subject.backbone_hash, subject.data_fingerprint, environment);
  run.save_description();
  if (!save_features.empty()) write_npy(save_features, to_matrix(subject.train.mined));
  line.print(format("{}: {} neighbors of {} images, by {}\n", run.train_neighbors().string(),
                    result["neighbors"].get<int>(), result["images"].get<int64_t>(),
                    subject.backbone.origin));
  line.print(accuracy_text(result, "neighbor_accuracy", "same label, training images"));
  if (subject.validation) {
    line.print(accuracy_text(result, "validation_neighbor_accuracy", "same label, test images"));
  }
  line.result(result);
  return 0;
}

}  // namespace nolabel::cli
