#include "nolabel/pipeline/convert_call.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/output_place.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/weights/prefix.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

StateDict to_half(StateDict state) {
  for (NamedTensor& entry : state) {
    if (entry.tensor.is_floating_point()) entry.tensor = entry.tensor.to(at::kHalf);
  }
  return state;
}

// What `in` holds; of SCAN's several heads only the best, which other formats cannot name.
Backbone weights_to_convert(const ConvertRequest& request, const Observer& observer) {
  if (!fs::is_regular_file(request.in)) return load_backbone(request.in, request.image_size);
  WeightsInFile weights = read_model_weights(request.in);
  require_fitting_heads(weights, request.in);
  if (weights.best_head) {
    observer.note(
        format("{}: nolabel converts only the best head, {}", request.in, *weights.best_head));
    weights.state = best_head_state(weights);
  }
  return backbone_of(request.in, std::move(weights), request.image_size);
}

bool is_torch_file(const fs::path& file) {
  const fs::path extension = file.extension();
  return extension == ".tar" || extension == ".pth" || extension == ".pt";
}

void make_place(const fs::path& out) {
  if (out.has_parent_path()) make_directory(out.parent_path());
}

// The file as it is, but for the names of its weights.
size_t convert_names(const ConvertRequest& request) {
  const std::pair<const char*, bool> others[] = {{"half", request.half},
                                                 {"describe", !request.describe.empty()},
                                                 {"image_size", request.image_size != 0}};
  for (const auto& [name, is_set] : others) {
    if (!is_set) continue;
    fail_usage("--prefix changes only the names of the tensors. It cannot be combined with {}.",
               flag_name(name));
  }
  const fs::path out(request.out);
  if (!is_torch_file(out)) {
    fail_usage("OUT must end in .pth, .pt or .pth.tar with --prefix. Received {}.", request.out);
  }
  check_output(out, MissingFolders::made);
  const Value value = with_prefix(read_weights_file(request.in), request.prefix, request.in);
  make_place(out);
  if (const fs::path stated = request.in + ".backbone.json"; fs::exists(stated)) {
    write_file(request.out + ".backbone.json", read_file(stated));
  }
  write_torch_file(out, value);
  return model_weights(value, request.out).state.size();
}

}  // namespace

void declare(Schema& options, ConvertRequest& request) {
  options.add("half", &request.half, "store numbers in half precision");
  options.add("describe", &request.describe, "what these weights are, for people");
  options.add(
      "image_size", &request.image_size, {.low = 0, .high = 1024},
      "side in pixels of the views that the weights were trained on; 0: the size that IN states");
  options.add(
      "prefix", &request.prefix,
      "only add this prefix to the name of every tensor (module. for PyTorch's DataParallel); "
      "optimizer, epoch and best head of a checkpoint stay as they are");
}

size_t convert(const ConvertRequest& request, const Observer& observer) {
  if (!request.prefix.empty()) return convert_names(request);
  const fs::path out(request.out);
  const bool safetensors = out.extension() == ".safetensors";
  if (!safetensors && !is_torch_file(out)) {
    fail_usage("OUT must end in .safetensors, .pth, .pt or .pth.tar. Received {}.", request.out);
  }
  check_output(out, MissingFolders::made);

  Backbone backbone = weights_to_convert(request, observer);
  if (!backbone.assumption.empty()) observer.note(backbone.assumption);
  if (!request.describe.empty()) backbone.origin = request.describe;
  const StateDict state = request.half ? to_half(backbone.state) : backbone.state;
  make_place(out);
  if (safetensors) {
    write_safetensors(out, state, backbone_metadata(backbone));
  } else {
    write_torch_file(out, to_value(state));
    write_backbone_metadata(out, backbone);
  }
  return state.size();
}

}  // namespace nolabel
