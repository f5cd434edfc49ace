// nolabel convert IN OUT: weights from one file format into another.
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/output_place.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/weights/prefix.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;

struct ConvertOptions {
  std::string in, out, describe, prefix;
  bool half = false;
  int image_size = 0;
};

StateDict to_half(StateDict state) {
  for (NamedTensor& entry : state) {
    if (entry.tensor.is_floating_point()) entry.tensor = entry.tensor.to(at::kHalf);
  }
  return state;
}

// What IN holds; of SCAN's several heads only the best, which other formats cannot name.
Backbone load(const ConvertOptions& options, const Observer& observer) {
  if (!std::filesystem::is_regular_file(options.in)) {
    return load_backbone(options.in, options.image_size);
  }
  WeightsInFile weights = read_model_weights(options.in);
  require_fitting_heads(weights, options.in);
  if (weights.best_head) {
    observer.note(
        format("{}: nolabel converts only the best head, {}", options.in, *weights.best_head));
    weights.state = best_head_state(weights);
  }
  return backbone_of(options.in, std::move(weights), options.image_size);
}

bool is_torch_file(const std::string& extension) {
  return extension == ".tar" || extension == ".pth" || extension == ".pt";
}

// The file as it is, but for the names of its weights.
void convert_names(CommandLine& line, const ConvertOptions& options) {
  for (const char* other : {"half", "describe", "image_size"}) {
    if (line.options().is_set(other)) {
      fail_usage("--prefix changes only the names of the tensors. It cannot be combined with {}.",
                 flag_name(other));
    }
  }
  const fs::path out(options.out);
  if (!is_torch_file(out.extension().string())) {
    fail_usage("OUT must end in .pth, .pt or .pth.tar with --prefix. Received {}.", options.out);
  }
  check_output(out, MissingFolders::made);
  const Value value = with_prefix(read_weights_file(options.in), options.prefix, options.in);
  if (out.has_parent_path()) make_directory(out.parent_path());
  if (const fs::path said = options.in + ".backbone.json"; fs::exists(said)) {
    write_file(options.out + ".backbone.json", read_file(said));
  }
  write_torch_file(out, value);
  const size_t tensors = model_weights(value, options.out).state.size();
  line.print(format("{}: {} tensors, named {}…\n", options.out, tensors, options.prefix));
  line.result({{"out", options.out}, {"tensors", tensors}});
}

}  // namespace

int run_convert(CommandLine& line) {
  ConvertOptions options;
  line.argument("IN", &options.in, "a weights file in any format, or a run directory");
  line.argument(
      "OUT", &options.out,
      "FILE.safetensors, or FILE.pth.tar for PyTorch's format (with FILE.pth.tar.backbone.json)");
  line.options().add("half", &options.half, "store numbers in half precision");
  line.options().add("describe", &options.describe, "what these weights are, for people");
  line.options().add(
      "image_size", &options.image_size, {.low = 0, .high = 1024},
      "side in pixels of the views that the weights were trained on; 0: the size that IN states");
  line.options().add(
      "prefix", &options.prefix,
      "only add this prefix to the name of every tensor (module. for PyTorch's DataParallel); "
      "optimizer, epoch and best head of a checkpoint stay as they are");
  if (!line.parse()) return 0;
  if (!options.prefix.empty()) {
    convert_names(line, options);
    return 0;
  }
  const fs::path out(options.out);
  const std::string extension = out.extension().string();
  if (extension != ".safetensors" && !is_torch_file(extension)) {
    fail_usage("OUT must end in .safetensors, .pth, .pt or .pth.tar. Received {}.", options.out);
  }
  check_output(out, MissingFolders::made);

  Backbone backbone = load(options, line.observer());
  if (!backbone.assumption.empty()) line.observer().note(backbone.assumption);
  if (!options.describe.empty()) backbone.origin = options.describe;
  const StateDict state = options.half ? to_half(backbone.state) : backbone.state;
  if (out.has_parent_path()) make_directory(out.parent_path());
  if (extension == ".safetensors") {
    write_safetensors(options.out, state, backbone_metadata(backbone));
  } else {
    write_torch_file(options.out, to_value(state));
    write_backbone_metadata(options.out, backbone);
  }
  line.print(format("{}: {} tensors\n", options.out, state.size()));
  line.result({{"out", options.out}, {"tensors", state.size()}});
  return 0;
}

}  // namespace nolabel::cli
