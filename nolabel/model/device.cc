#include "nolabel/model/device.h"

#include <ATen/ATen.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/format.h"
#include "nolabel/gpu/driver.h"
#include "nolabel/gpu/plugin.h"
#include "nolabel/model/parameters.h"

namespace nolabel {
namespace {

constexpr std::array<std::pair<std::string_view, Precision>, 3> precisions = {
    {{"fp32", Precision::fp32}, {"bf16", Precision::bf16}, {"fp16", Precision::fp16}}};

// Compute capabilities: Ampere has bf16, Volta fp16 tensor cores.
constexpr int first_with_bf16 = 8, first_with_tensor_cores = 7;

// Why CUDA cannot be used; empty when it can.
std::string cuda_problem() {
  const CudaDriver driver = query_cuda_driver();
  if (!driver.problem.empty()) return driver.problem;
  const CudaPlugin& plugin = load_cuda_plugin();
  if (!plugin.functions) return plugin.problem;
  if (at::detail::getCUDAHooks().deviceCount() > 0) return "";
  return "LibTorch finds no GPU that it can use (CUDA 13 needs driver 580 or newer)";
}

at::Device gpu(std::string_view text, std::string_view number) {
  int index = 0;
  const auto [end, error] = std::from_chars(number.begin(), number.end(), index);
  if (error != std::errc() || end != number.end() || index < 0) {
    fail_usage("device must be auto, cpu, cuda or cuda:N. Received {}.", text);
  }
  const std::string problem = cuda_problem();
  if (!problem.empty()) fail_system("device {} cannot be used: {}.", text, problem);
  const int count = at::detail::getCUDAHooks().deviceCount();
  if (index >= count) {
    fail_usage("device must be one of cuda:0..cuda:{}. Received {}.", count - 1, text);
  }
  // The same seed gives the same weights. cuDNN's other algorithms were as fast on an H200 in bf16
  // and fp16, and 3 % faster in fp32 (bench/results/2026-11-26-nvidia-h200.json).
  at::globalContext().setDeterministicCuDNN(true);
  return {at::kCUDA, static_cast<at::DeviceIndex>(index)};
}

Precision best_precision(at::Device device) {
  if (device.is_cuda()) {
    const std::vector<Gpu> gpus = query_cuda_driver().gpus;
    const auto index = static_cast<size_t>(std::max<int>(device.index(), 0));
    const int major = index < gpus.size() ? gpus[index].major : 0;
    if (major >= first_with_bf16) return Precision::bf16;
    return major >= first_with_tensor_cores ? Precision::fp16 : Precision::fp32;
  }
  const std::vector<std::string> features = processor_features();
  const bool has_bf16 = std::ranges::find(features, "avx512bf16") != features.end();
  return has_bf16 ? Precision::bf16 : Precision::fp32;
}

}  // namespace

at::Device choose_device(std::string_view text) {
  if (text == "auto") return cuda_problem().empty() ? gpu("cuda", "0") : at::Device(at::kCPU);
  if (text == "cpu") return at::kCPU;
  if (text == "cuda") return gpu(text, "0");
  if (text.starts_with("cuda:")) return gpu(text, text.substr(5));
  fail_usage("device must be auto, cpu, cuda or cuda:N. Received {}.", text);
}

std::string unused_gpu() {
  const CudaDriver driver = query_cuda_driver();
  if (driver.gpus.empty()) return "";
  const std::string problem = cuda_problem();
  return problem.empty() ? "" : format("{} is not used: {}", driver.gpus[0].name, problem);
}

Precision choose_precision(std::string_view text, at::Device device) {
  if (text == "auto") return best_precision(device);
  for (const auto& [name, precision] : precisions) {
    if (name == text) return precision;
  }
  fail_usage("precision must be auto, fp32, bf16 or fp16. Received {}.", text);
}

std::string precision_name(Precision precision) {
  for (const auto& [name, value] : precisions) {
    if (value == precision) return std::string(name);
  }
  return "fp64";
}

std::vector<std::string> processor_features() {
  std::vector<std::string> features;
#if defined(__x86_64__)
  const auto add = [&features](const char* name, int has) {
    if (has) features.emplace_back(name);
  };
  __builtin_cpu_init();
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512vnni", __builtin_cpu_supports("avx512vnni"));
  add("avx512bf16", __builtin_cpu_supports("avx512bf16"));
#endif
  return features;
}

double measure_matmul_gflops(at::Device device, Precision precision) {
  using Clock = std::chrono::steady_clock;
  // A GPU needs large matrices to reach its rate.
  const int64_t size = device.is_cuda() ? 8192 : 1024;
  constexpr int repetitions = 8;
  const c10::NoGradGuard no_grad;
  const auto options = at::TensorOptions(device).dtype(working_type(precision));
  const at::Tensor a = at::ones({size, size}, options), b = at::ones({size, size}, options);
  // Reading a number back waits for the device.
  const auto finished = [&] { return at::mm(a, b).select(0, 0).select(0, 0).item<double>(); };
  finished();
  double best = 0;
  for (int i = 0; i < repetitions; ++i) {
    const auto begin = Clock::now();
    finished();
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    best = std::max(best, 2.0 * static_cast<double>(size * size * size) / seconds.count() / 1e9);
  }
  return best;
}

}  // namespace nolabel
