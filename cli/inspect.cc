// nolabel inspect PATH: what is in a weights file, an .npy file or a run directory.
#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "cli/frame/terminal.h"
#include "cli/inspect_run.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/npy.h"
#include "nolabel/model/model.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel::cli {
namespace {

using nlohmann::json;

std::string shape_text(at::IntArrayRef sizes) {
  std::string text;
  for (const int64_t size : sizes) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

json inspect_weights(const std::string& path, CommandLine& line) {
  const WeightsInFile weights = read_model_weights(path);
  if (!weights.note.empty()) line.observer().note(weights.note);
  json tensors = json::array();
  int64_t values = 0;
  size_t width = 0;
  for (const NamedTensor& entry : weights.state) width = std::max(width, entry.name.size());
  for (const auto& [name, tensor] : weights.state) {
    const char* type = c10::toString(tensor.scalar_type());
    line.print(format("  {}{}  {:<8}  {}\n", name, std::string(width - name.size(), ' '), type,
                      shape_text(tensor.sizes())));
    tensors.push_back({{"name", name}, {"type", type}, {"shape", tensor.sizes().vec()}});
    values += tensor.numel();
  }
  line.print(format("{} tensors, {} values\n", weights.state.size(), grouped(values)));
  json result{{"kind", "weights"}, {"tensors", tensors}, {"values", values}};
  if (weights.epoch) {
    line.print(format("after epoch {}\n", *weights.epoch));
    result["epoch"] = *weights.epoch;
  }
  if (weights.best_head) {
    line.print(format("best head {}\n", *weights.best_head));
    result["best_head"] = *weights.best_head;
  }
  for (const auto& [key, value] : weights.metadata) {
    line.print(format("{}: {}\n", key, value));
    result["metadata"][key] = value;
  }
  return result;
}

// Nothing of it is run. A program may have no tensors that are read as weights.
json inspect_program(const std::string& path, CommandLine& line) {
  line.print("a TorchScript program; --run-program runs it\n");
  json result{{"kind", "weights"}, {"tensors", json::array()}, {"values", 0}};
  try {
    result = inspect_weights(path, line);
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    line.observer().note(error.what());
  }
  result["program"] = true;
  return result;
}

template <class T>
json describe_table(const Matrix<T>& matrix, const char* type, CommandLine& line) {
  line.print(format("{} {} x {}\n", type, matrix.rows, matrix.columns));
  json result{{"kind", "npy"}, {"type", type}, {"rows", matrix.rows}, {"columns", matrix.columns}};
  if (matrix.values.empty()) return result;
  const auto [low, high] = std::minmax_element(matrix.values.begin(), matrix.values.end());
  line.print(format("values from {} to {}\n", *low, *high));
  result["minimum"] = *low;
  result["maximum"] = *high;
  return result;
}

// The kind of number stands in the header's 'descr', which begins within the first bytes.
json inspect_npy(const std::string& path, CommandLine& line) {
  const MappedFile file{path};
  const auto bytes = file.bytes();
  constexpr size_t longest_header = 256;
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()),
                                std::min(bytes.size(), longest_header));
  if (header.find("'<i") != header.npos)
    return describe_table(read_npy_int64(path), "integers", line);
  return describe_table(read_npy_float(path), "numbers", line);
}

}  // namespace

int run_inspect(CommandLine& line) {
  std::string path;
  line.argument("PATH", &path, "a weights file, an .npy file or a run directory");
  if (!line.parse()) return 0;
  if (!std::filesystem::exists(path)) fail_usage("PATH must exist. Received {}.", path);
  if (std::filesystem::is_directory(path)) {
    line.result(inspect_run(path, line));
  } else if (path.ends_with(".npy")) {
    line.result(inspect_npy(path, line));
  } else if (is_program_file(path)) {
    line.result(inspect_program(path, line));
  } else {
    line.result(inspect_weights(path, line));
  }
  return 0;
}

}  // namespace nolabel::cli
