// nolabel convert IN OUT: weights from one file format into another.
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/pipeline/backbone.h"

namespace nolabel::cli {
namespace {

struct ConvertOptions {
  std::string in, out, describe;
  bool half = false;
};

StateDict to_half(StateDict state) {
  for (NamedTensor& entry : state) {
    if (entry.tensor.is_floating_point()) entry.tensor = entry.tensor.to(at::kHalf);
  }
  return state;
}

}  // namespace

int run_convert(CommandLine& line) {
  ConvertOptions options;
  line.argument("IN", &options.in, "a weights file in any format, or a run directory");
  line.argument("OUT", &options.out, "FILE.safetensors, or FILE.pth.tar for PyTorch's format");
  line.options().add("half", &options.half, "store numbers in half precision");
  line.options().add("describe", &options.describe,
                     "what these weights are, for people (safetensors only)");
  if (!line.parse()) return 0;

  const Backbone backbone = load_backbone(options.in);
  const StateDict state = options.half ? to_half(backbone.state) : backbone.state;
  const std::string extension = std::filesystem::path(options.out).extension().string();
  if (extension == ".safetensors") {
    auto metadata = backbone_metadata(backbone.settings, backbone.image_size, backbone.normalize);
    metadata["description"] = options.describe.empty() ? backbone.origin : options.describe;
    write_safetensors(options.out, state, metadata);
  } else if (extension == ".tar" || extension == ".pth" || extension == ".pt") {
    if (!options.describe.empty()) {
      fail_usage("--describe needs an OUT that ends in .safetensors. Received {}.", options.out);
    }
    write_torch_file(options.out, to_value(state));
  } else {
    fail_usage("OUT must end in .safetensors, .pth, .pt or .pth.tar. Received {}.", options.out);
  }
  line.print(format("{}: {} tensors\n", options.out, state.size()));
  line.result({{"out", options.out}, {"tensors", state.size()}});
  return 0;
}

}  // namespace nolabel::cli
