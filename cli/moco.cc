// nolabel moco: a MoCo v2 backbone as a run's pretext model, then its neighbor tables.
#include "nolabel/pipeline/moco_call.h"

#include <nlohmann/json.hpp>

#include "cli/data_argument.h"
#include "cli/group_work.h"
#include "cli/mine.h"

namespace nolabel::cli {

int run_moco(CommandLine& line) {
  MocoRequest request;
  std::vector<std::string> files;
  line.arguments("FILE", &files, 0, 1,
                 "the file moco_v2_800ep_pretrain.pth.tar, or weights of another network; without "
                 "FILE, nolabel uses the run's pretext model, or downloads the published file if "
                 "the run has no pretext model");
  take_data(line, request.run.data);
  declare(line.tables(), request);
  GroupWork group(line);
  if (!line.parse()) return 0;
  return group.run(request.run.compute, [&] {
    if (!files.empty()) request.file = files.front();
    const MocoOutcome outcome = moco(line.tables(), request, line.observer());
    print_tables(line, outcome.mined);
    line.result(moco_json(outcome));
    return 0;
  });
}

}  // namespace nolabel::cli
