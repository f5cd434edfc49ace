// nolabel convert IN OUT: weights from one file format into another.
#include "nolabel/pipeline/convert_call.h"

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/format.h"

namespace nolabel::cli {

int run_convert(CommandLine& line) {
  ConvertRequest request;
  line.argument("IN", &request.in, "a weights file in any format, or a run directory");
  line.argument(
      "OUT", &request.out,
      "FILE.safetensors, or FILE.pth.tar for PyTorch's format (with FILE.pth.tar.backbone.json)");
  declare(line.options(), request);
  if (!line.parse()) return 0;
  const size_t tensors = convert(request, line.observer());
  line.print(request.prefix.empty()
                 ? format("{}: {} tensors\n", request.out, tensors)
                 : format("{}: {} tensors, named {}…\n", request.out, tensors, request.prefix));
  line.result({{"out", request.out}, {"tensors", tensors}});
  return 0;
}

}  // namespace nolabel::cli
