#include "nolabel/pipeline/in_environment.h"

namespace nolabel {

TrainSettings in_environment(TrainSettings settings, const Environment& environment) {
  settings.seed = environment.seed;
  settings.cuda_graph = environment.cuda_graph;
  return settings;
}

}  // namespace nolabel
