#include "nolabel/pipeline/head_model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "nolabel/base/file.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {

void write_head_model(const RunDirectory& run, const std::string& stage, const Subject& subject,
                      const std::vector<LinearHead>& heads, const Provenance& provenance,
                      std::chrono::steady_clock::time_point begun, const Environment& environment) {
  const auto clusters = static_cast<int>(heads.front().weight.size(0));
  Model model = subject.make_model(clusters, static_cast<int>(heads.size()), environment);
  const c10::NoGradGuard no_grad;
  for (size_t head = 0; head < heads.size(); ++head) {
    const Model::ClusterHead place = model.cluster_heads()[head];
    place.weight.copy_(heads[head].weight);
    place.bias.copy_(heads[head].bias);
  }
  const std::filesystem::path file = run.model(stage);
  make_directory(run.stage(stage));
  write_backbone_metadata(file, subject.backbone);
  write_torch_file(file, Value::dict({{std::string("model"), to_value(model.state_dict())},
                                      {std::string("head"), int64_t{0}}}));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
  write_sidecar(file, provenance, environment, seconds.count());
}

}  // namespace nolabel
