// nolabel doctor: what this machine can do, and what is in the way.
#include <ATen/ATen.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "cli/frame/command_line.h"
#include "cli/libtorch_version.h"
#include "cli/machine.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/threads.h"
#include "nolabel/base/version.h"
#include "nolabel/gpu/driver.h"
#include "nolabel/group/placement.h"
#include "nolabel/model/device.h"
#include "nolabel/processor/compute_threads.h"

namespace nolabel::cli {
namespace {

double gibibytes(uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 30);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

// One finding: a row for people, a key for programs.
class Findings {
 public:
  void add(const std::string& key, const nlohmann::json& value, const std::string& text) {
    result_[key] = value;
    text_ += format("{:<18}{}\n", key, text);
  }
  const std::string& text() const { return text_; }
  const nlohmann::json& json() const { return result_; }

 private:
  nlohmann::json result_ = nlohmann::json::object();
  std::string text_;
};

void examine_processor(Findings& findings) {
  const unsigned present = std::thread::hardware_concurrency();
  const int usable = available_threads();
  const auto features = processor_features();
  findings.add("processor", processor_name(), processor_name());
  findings.add("features", features, joined(features));
  findings.add("threads", usable,
               format("{} of {} processors (affinity and container quota)", usable, present));
}

// The rate in fp32, and in the precision that --precision auto takes when that is another: one that
// the processor has no instructions for would only take long.
void measure(Findings& findings, at::Device device) {
  const Precision automatic = choose_precision("auto", device);
  const std::string name = precision_name(automatic);
  findings.add("precision", name, name + " is what --precision auto takes");
  std::vector<Precision> measured{Precision::fp32};
  if (automatic != Precision::fp32) measured.push_back(automatic);
  for (const Precision precision : measured) {
    const double gflops = measure_matmul_gflops(device, precision);
    findings.add("matmul_" + precision_name(precision), gflops, format("{:.3g} GFLOP/s", gflops));
  }
}

// 13000 is CUDA 13.0.
std::string cuda_version(int version) {
  return format("{}.{}", version / 1000, version % 1000 / 10);
}

// The driver and what it sees, whether this build can use it or not.
void examine_driver(Findings& findings) {
  const CudaDriver driver = query_cuda_driver();
  if (!driver.found) {
    findings.add("driver", nullptr, driver.problem);
    return;
  }
  std::string text = "NVIDIA, up to CUDA " + cuda_version(driver.version);
  nlohmann::json gpus = nlohmann::json::array();
  for (const Gpu& gpu : driver.gpus) {
    text += format("\n{:<18}{}, {:.1f} GiB, compute capability {}.{}", "", gpu.name,
                   gibibytes(gpu.memory_bytes), gpu.major, gpu.minor);
    gpus.push_back({{"name", gpu.name},
                    {"memory_gib", gibibytes(gpu.memory_bytes)},
                    {"compute_capability", format("{}.{}", gpu.major, gpu.minor)}});
  }
  if (!driver.problem.empty()) text += ": " + driver.problem;
  findings.add("driver", {{"cuda", cuda_version(driver.version)}, {"gpus", gpus}}, text);
}

// The GPU that --device auto would take, or why there is none.
at::Device examine_gpu(Findings& findings) {
  try {
    const at::Device device = choose_device("cuda");
    findings.add("gpu", device.str(), device.str() + " is usable");
    return device;
  } catch (const Error& error) {
    findings.add("gpu", nullptr, format("none: {}", error.what()));
    return at::kCPU;
  }
}

void examine_space(Findings& findings) {
  const double memory = gibibytes(usable_memory_bytes());
  const double disk = gibibytes(free_disk_bytes(std::filesystem::current_path()));
  findings.add("memory_gib", memory, format("{:.1f} GiB usable", memory));
  findings.add("disk_gib", disk, format("{:.1f} GiB free here", disk));
}

std::string described(const Placement& place) {
  std::string text = format("process {} of {} ({} on this machine), started by {}", place.rank,
                            place.size, place.local_size, place.starter);
  if (place.size > 1) text += format(", meeting at {}:{}", place.address, place.port);
  return text;
}

// What the environment says of the processes that would work together. Returns whether this one
// speaks for all: several would measure the same processors at once, and mix what they print.
bool examine_processes(Findings& findings) {
  try {
    const std::optional<Placement> place = placement(environment_variables(), ::getppid());
    if (!place) {
      findings.add("processes", nullptr, "started alone");
      return true;
    }
    const bool meets = place->size > 1;
    findings.add("processes",
                 {{"starter", place->starter},
                  {"rank", place->rank},
                  {"size", place->size},
                  {"local_rank", place->local_rank},
                  {"local_size", place->local_size},
                  {"address", meets ? nlohmann::json(place->address) : nullptr},
                  {"port", meets ? nlohmann::json(place->port) : nullptr}},
                 described(*place));
    return place->rank == 0;
  } catch (const Error& error) {
    findings.add("processes", {{"problem", error.what()}}, format("cannot work: {}", error.what()));
    return true;
  }
}

}  // namespace

int run_doctor(CommandLine& line) {
  if (!line.parse()) return 0;
  Findings findings;
  if (!examine_processes(findings)) {
    line.print(findings.text());
    return 0;
  }
  findings.add("nolabel", version, version);
  findings.add("libtorch", libtorch_version(), libtorch_version());
  examine_processor(findings);
  examine_driver(findings);
  const ComputeThreads threads(available_threads());
  measure(findings, examine_gpu(findings));
  examine_space(findings);
  line.print(findings.text());
  line.result(findings.json());
  return 0;
}

}  // namespace nolabel::cli
