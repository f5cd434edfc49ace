// bench_fused_norm [DEVICE]: batch norm, sum and ReLU as one operator (model/fused_norm.h) on a
// GPU. First checks: values, gradients and running statistics beside LibTorch's operators in fp64,
// and that every run, recorded or not, gives the same bits. Then times: forward and backward pass
// beside LibTorch's operators, one after another, in the same type. Exits 1 when a check fails.
//
// DEVICE cpu checks the tests' version by loops on small shapes, and so this program itself.
#include <ATen/ATen.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "nolabel/gpu/plugin.h"
#include "nolabel/model/device.h"
#include "nolabel/model/fused_norm.h"
#include "nolabel/model/fused_norm_testing.h"

namespace {

using namespace nolabel;

constexpr double momentum = 0.1, epsilon = 1e-5;
constexpr auto channels_last = at::MemoryFormat::ChannelsLast;

struct Shape {
  std::array<int64_t, 4> sizes;  // B, C, H, W
  double mean = 0;
  bool is_timed = false;
};

const std::vector<Shape> gpu_shapes = {
    {.sizes = {1024, 64, 32, 32}, .is_timed = true},
    {.sizes = {1024, 128, 16, 16}, .is_timed = true},
    {.sizes = {1024, 256, 8, 8}, .is_timed = true},
    {.sizes = {1024, 512, 4, 4}, .is_timed = true},
    {.sizes = {64, 2048, 7, 7}, .is_timed = true},
    {.sizes = {7, 24, 5, 3}},
    {.sizes = {2, 16, 1, 1}},
    {.sizes = {33, 37, 9, 9}},    // value by value
    {.sizes = {1, 8, 4, 4}},      // one block, most of whose threads have nothing
    {.sizes = {5, 304, 19, 19}},  // 38 packs of bf16: a column of blocks is not full
    {.sizes = {128, 64, 16, 16}, .mean = 1e4}};
const std::vector<Shape> cpu_shapes = {{.sizes = {7, 24, 5, 3}},
                                       {.sizes = {2, 16, 1, 1}},
                                       {.sizes = {33, 37, 9, 9}},
                                       {.sizes = {16, 16, 16, 16}, .mean = 1e4}};

struct Variant {
  Shape shape;
  at::ScalarType type;
  bool has_added;
  Activation activation;
  bool rectifies() const { return activation == Activation::relu; }
  bool saves_output() const { return rectifies() && has_added; }
};

std::string name_of(const Variant& variant) {
  const auto& [b, c, h, w] = variant.shape.sizes;
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%-8s %5ld x %4ld x %2ld x %2ld mean %-5g %-4s %-5s",
                at::toString(variant.type), b, c, h, w, variant.shape.mean,
                variant.rectifies() ? "relu" : "none", variant.has_added ? "added" : "");
  return text.data();
}

struct Inputs {
  at::Tensor x, added, dy, weight, bias;
};

Inputs inputs_of(const Variant& variant, at::Device device) {
  at::manual_seed(1);
  const auto options = at::TensorOptions(device).dtype(at::kFloat);
  const auto noise = [&] { return at::randn(variant.shape.sizes, options); };
  const auto rounded = [&](const at::Tensor& values) {
    return values.to(variant.type).contiguous(channels_last);
  };
  const int64_t channels = variant.shape.sizes[1];
  const at::Tensor numbers = at::arange(channels, options);
  const at::Tensor by_channel = numbers.view({1, channels, 1, 1});
  at::Tensor x = noise() * (by_channel % 3 / 2 + 0.5) + (by_channel % 5 - 2 + variant.shape.mean);
  // Of two values that happen to be close together nothing can be told.
  if (x.numel() == 2 * channels) x.select(0, 1).copy_(x.select(0, 0) + 1);
  return {.x = rounded(x).requires_grad_(),
          .added = variant.has_added ? rounded(noise()).requires_grad_() : at::Tensor(),
          .dy = rounded(noise()),
          .weight = ((numbers * 0.7).sin() + 1.2).requires_grad_(),
          .bias = (numbers * 0.3).cos().requires_grad_()};
}

struct Outcome {
  at::Tensor y, x, added, weight, bias, running_mean, running_variance;  // gradients but y, running
  std::vector<at::Tensor> all() const {
    std::vector<at::Tensor> all{y, x, weight, bias, running_mean, running_variance};
    if (added.defined()) all.push_back(added);
    return all;
  }
};

const FusedNorm& operator_of(const Variant& variant, const Inputs& inputs,
                             const NormTensors& norm) {
  if (inputs.x.is_cpu()) return testing_fused_norm::fused_norm_by_loops;
  const FusedNorm* const found = find_fused_norm(inputs.x, inputs.added, norm, variant.activation);
  if (!found) throw std::runtime_error("the plug-in's operator does not take these tensors");
  return *found;
}

void forget_gradients(const Inputs& inputs) {
  for (const at::Tensor* tensor : {&inputs.x, &inputs.added, &inputs.weight, &inputs.bias}) {
    if (tensor->defined()) tensor->mutable_grad() = at::Tensor();
  }
}

NormTensors norm_of(const Inputs& inputs) {
  return {.weight = inputs.weight,
          .bias = inputs.bias,
          .running_mean = at::zeros_like(inputs.weight.detach()),
          .running_variance = at::ones_like(inputs.weight.detach())};
}

Outcome run_fused(const Variant& variant, const Inputs& inputs) {
  const NormTensors norm = norm_of(inputs);
  forget_gradients(inputs);
  const at::Tensor y = fused_norm(operator_of(variant, inputs, norm), inputs.x, inputs.added, norm,
                                  variant.activation, momentum, epsilon);
  y.backward(inputs.dy);
  return {.y = y.detach(),
          .x = inputs.x.grad(),
          .added = variant.has_added ? inputs.added.grad() : at::Tensor(),
          .weight = inputs.weight.grad(),
          .bias = inputs.bias.grad(),
          .running_mean = norm.running_mean,
          .running_variance = norm.running_variance};
}

// As a network does without the operator.
void run_separate(const Variant& variant, const Inputs& inputs, const NormTensors& norm) {
  forget_gradients(inputs);
  at::Tensor y = at::batch_norm(inputs.x, inputs.weight, inputs.bias, norm.running_mean,
                                norm.running_variance, /*training=*/true, momentum, epsilon,
                                /*cudnn_enabled=*/true);
  if (variant.has_added) y.add_(inputs.added);
  if (variant.rectifies()) y.relu_();
  y.backward(inputs.dy);
}

// In fp64. ReLU's mask is that of `fused`: at a value of almost 0 both are right.
Outcome run_exactly(const Variant& variant, const Inputs& inputs, const Outcome& fused) {
  const auto exact = [](const at::Tensor& values) {
    return values.detach().to(at::kDouble).contiguous();
  };
  const at::Tensor x = exact(inputs.x).requires_grad_(),
                   weight = exact(inputs.weight).requires_grad_(),
                   bias = exact(inputs.bias).requires_grad_();
  const at::Tensor mean = at::zeros_like(weight.detach()), variance = at::ones_like(mean);
  at::Tensor y = at::batch_norm(x, weight, bias, mean, variance, /*training=*/true, momentum,
                                epsilon, /*cudnn_enabled=*/false);
  if (variant.has_added) y = y + exact(inputs.added);
  at::Tensor dy = exact(inputs.dy);
  if (variant.rectifies()) dy = dy * (fused.y > 0).to(at::kDouble).contiguous();
  y.backward(dy);
  return {.y = variant.rectifies() ? y.detach().relu() : y.detach(),
          .x = x.grad(),
          .added = variant.has_added ? dy : at::Tensor(),
          .weight = weight.grad(),
          .bias = bias.grad(),
          .running_mean = mean,
          .running_variance = variance};
}

// The largest error beyond the rounding to the type, in units of `unit`.
double error_of(const at::Tensor& actual, const at::Tensor& expected, const at::Tensor& unit = {}) {
  const at::ScalarType type = actual.scalar_type();
  const double rounding = type == at::kBFloat16 ? 0x1p-8 : type == at::kHalf ? 0x1p-11 : 0x1p-24;
  at::Tensor excess = (actual.to(at::kDouble) - expected).abs() - expected.abs() * rounding;
  if (unit.defined()) excess = excess / unit;
  return excess.clamp_min(0).max().item<double>();
}

double relative_error_of(const at::Tensor& actual, const at::Tensor& expected) {
  const at::Tensor difference = actual.to(at::kDouble) - expected;
  return difference.norm().item<double>() / (expected.norm().item<double>() + 1e-30);
}

bool same_bits(const Outcome& a, const Outcome& b) {
  const std::vector<at::Tensor> first = a.all(), second = b.all();
  bool same = first.size() == second.size();
  for (size_t i = 0; same && i < first.size(); ++i) same = at::equal(first[i], second[i]);
  return same;
}

// Why a recording is not as good; empty when it gives the same bits.
std::string problem_of_recording(const Variant& variant, const Inputs& inputs,
                                 const Outcome& expected) {
  try {
    const auto recording = load_cuda_plugin().functions->make_recording(inputs.x.device());
    Outcome outcome;
    const auto work = [&] { outcome = run_fused(variant, inputs); };
    recording->rehearse(work);
    recording->record(work);
    for (int i = 0; i < 2; ++i) {
      for (const at::Tensor& tensor : outcome.all()) tensor.detach().fill_(-1);
      recording->repeat();
      if (!same_bits(outcome, expected)) return "OTHER BITS IN A RECORDING";
    }
    return "";
  } catch (const std::exception& error) {
    return std::string("NO RECORDING: ") + error.what();
  }
}

bool check(const Variant& variant, at::Device device) {
  const Inputs inputs = inputs_of(variant, device);
  const Outcome fused = run_fused(variant, inputs);
  const bool same = same_bits(run_fused(variant, inputs), fused);
  const std::string problem = device.is_cpu() ? "" : problem_of_recording(variant, inputs, fused);
  const Outcome exact = run_exactly(variant, inputs, fused);
  const at::Tensor x = inputs.x.detach().to(at::kDouble);
  const at::Tensor std = (x.var(at::IntArrayRef{0, 2, 3}, /*unbiased=*/false) + epsilon).sqrt();
  const at::Tensor unit = (inputs.weight.detach().to(at::kDouble).abs() / std).view({1, -1, 1, 1});
  const std::vector<double> errors = {
      error_of(fused.y, exact.y),
      error_of(fused.x, exact.x, unit),
      fused.added.defined() ? error_of(fused.added, exact.added) : 0,
      relative_error_of(fused.weight, exact.weight),
      relative_error_of(fused.bias, exact.bias),
      relative_error_of(fused.running_mean, exact.running_mean),
      relative_error_of(fused.running_variance, exact.running_variance)};
  // The backward pass takes x less the mean in fp32.
  const double allowed = 5e-5 + 3e-7 * std::abs(variant.shape.mean);
  bool is_right = same && problem.empty();
  for (const double error : errors) is_right = is_right && error <= allowed;  // NaN is not
  std::printf("%s %s  y %.1e dx %.1e dadded %.1e dw %.1e db %.1e mean %.1e var %.1e%s  %s\n",
              is_right ? "ok  " : "FAIL", name_of(variant).c_str(), errors[0], errors[1], errors[2],
              errors[3], errors[4], errors[5], errors[6], same ? "" : "  OTHER BITS IN RUN 2",
              problem.c_str());
  return is_right;
}

// Of one call, among many in a row.
double seconds_of(const std::function<void()>& call, const at::Tensor& any, bool is_recorded) {
  constexpr int calls = 10, repetitions = 5;
  const auto several = [&] {
    for (int i = 0; i < calls; ++i) call();
  };
  std::function<void()> work = several;
  std::unique_ptr<Recording> recording;
  if (is_recorded) {
    recording = load_cuda_plugin().functions->make_recording(any.device());
    recording->rehearse(call);
    recording->record(several);
    work = [&] { recording->repeat(); };
  }
  const auto wait = [&] { return any.detach().flatten()[0].item<float>(); };
  work();
  wait();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repetitions; ++i) work();
  wait();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return seconds.count() / (calls * repetitions);
}

void compare_times(const Variant& variant, at::Device device, bool is_recorded) {
  const Inputs inputs = inputs_of(variant, device);
  const NormTensors norm = norm_of(inputs);
  const double fused = seconds_of([&] { run_fused(variant, inputs); }, inputs.dy, is_recorded);
  const double separate =
      seconds_of([&] { run_separate(variant, inputs, norm); }, inputs.dy, is_recorded);
  // Matrices read and written by each of the passes: statistics, values, sums, gradients.
  const int more = variant.saves_output() ? 1 : 0, added = variant.has_added ? 1 : 0;
  const int matrices = 1 + (2 + added) + (2 + more) + (3 + 2 * more);
  const double bytes = static_cast<double>(inputs.x.nbytes()) * matrices;
  std::printf("%s %-8s fused %7.1f us %6.0f GB/s   LibTorch %7.1f us   %.2f times as fast\n",
              name_of(variant).c_str(), is_recorded ? "recorded" : "sent", fused * 1e6,
              bytes / fused / 1e9, separate * 1e6, separate / fused);
}

// false when it throws.
bool succeeds(const Variant& variant, const std::function<bool()>& work) {
  bool succeeded = false;
  try {
    succeeded = work();
  } catch (const std::exception& error) {
    std::printf("FAIL %s  %s\n", name_of(variant).c_str(), error.what());
  }
  std::fflush(stdout);
  return succeeded;
}

}  // namespace

int main(int argc, char** argv) {
  const at::Device device = choose_device(argc > 1 ? argv[1] : "cuda");
  std::vector<Variant> variants;
  for (const Shape& shape : device.is_cpu() ? cpu_shapes : gpu_shapes) {
    for (const at::ScalarType type : {at::kBFloat16, at::kHalf, at::kFloat}) {
      // The other types do not hold a value of 1e4 and its neighbors.
      if (shape.mean != 0 && type != at::kFloat) continue;
      for (const Activation activation : {Activation::none, Activation::relu}) {
        for (const bool has_added : {false, true}) {
          variants.push_back({shape, type, has_added, activation});
        }
      }
    }
  }
  int failed = 0;
  for (const Variant& variant : variants) {
    if (!succeeds(variant, [&] { return check(variant, device); })) ++failed;
  }
  std::printf("%d of %zu checks failed\n", failed, variants.size());
  for (const Variant& variant : variants) {
    if (!device.is_cuda() || !variant.shape.is_timed) continue;
    for (const bool is_recorded : {true, false}) {
      const auto compare = [&] { return compare_times(variant, device, is_recorded), true; };
      if (!succeeds(variant, compare)) ++failed;
    }
  }
  return failed > 0 ? 1 : 0;
}
