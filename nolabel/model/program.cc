#include "nolabel/model/program.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <map>
#include <mutex>

#include "nolabel/base/error.h"
#include "nolabel/model/load_state.h"
#include "nolabel/model/run_torchscript.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Of features; what is wider was not averaged over the places of a picture.
constexpr int64_t most_dimensions = 65536;
// A view alone and beside another one: other kernels may round otherwise, also in bf16.
constexpr double alike = 0.05;

// Levels as normalised views have them, without a period.
at::Tensor made_up_views(int64_t count, int image_size, c10::Device device) {
  const int64_t numbers = count * 3 * image_size * image_size;
  const at::Tensor i = at::arange(numbers, at::kDouble);
  return ((i * i).remainder(1009) * 0.05 + i * 0.7)
      .sin()
      .to(at::kFloat)
      .view({count, 3, image_size, image_size})
      .to(device);
}

// Features [B,D] of what a program returned for B views.
at::Tensor checked_features(const at::Tensor& output, const at::Tensor& views,
                            const fs::path& file) {
  const int64_t batch = views.size(0);
  const bool has_shape =
      (output.dim() == 2 || output.dim() == 4) && output.size(0) == batch && output.size(1) >= 1;
  if (!has_shape) {
    fail_data("{} must turn {}. It returns {}{}.", file.string(), asked_of_program(views.sizes()),
              shape_text(output.sizes()),
              output.dim() == 3 ? ", which may be tokens: return one of them, or their mean" : "");
  }
  if (output.size(1) > most_dimensions) {
    fail_data("{} must return at most {} features of a view. It returns {}.", file.string(),
              most_dimensions, output.size(1));
  }
  at::Tensor features = output.to(views.device(), at::kFloat);
  if (features.dim() == 4) features = features.mean({2, 3});
  if (!features.isfinite().all().item<bool>()) {
    fail_data("{} must return finite features. Some of them are not finite.", file.string());
  }
  return features.contiguous();
}

}  // namespace

void refuse_program(const fs::path& file, ProgramAccess::Use use) {
  if (use == ProgramAccess::Use::never) {
    fail_usage(
        "a backbone that is trained must be weights. {} is a TorchScript program, which is never "
        "trained: use `nolabel cluster` or `nolabel mine` with --backbone {} --run-program, which "
        "leave the backbone as it is.",
        file.string(), file.string());
  }
  fail_usage(
      "{} is a program (TorchScript), and nolabel runs no code from files unless you ask for it. "
      "Add --run-program if you trust where the file comes from.",
      file.string());
}

struct BackboneProgram::Impl {
  const fs::path file;
  const ProgramAccess access;
  KnownProgram known{};
  std::mutex mutex{};  // of the rest
  std::map<std::string, TorchScript> by_device{};
  bool has_printed = false;

  void require_consent() const {
    if (access.use != ProgramAccess::Use::allowed) refuse_program(file, access.use);
  }

  const TorchScript& loaded_on(c10::Device device) {
    const std::lock_guard lock(mutex);
    const auto found = by_device.find(device.str());
    if (found != by_device.end()) return found->second;
    return by_device.try_emplace(device.str(), file, known.sha256, device).first->second;
  }

  void say_print(const std::string& line) {
    const std::lock_guard lock(mutex);
    if (has_printed) return;
    has_printed = true;
    access.observer.note(
        format("{} prints while it runs, which nolabel leaves out: {}", file.string(), line));
  }

  at::Tensor features(const at::Tensor& views) {
    const TorchScript& script = loaded_on(views.device());
    return checked_features(script(views, [this](const std::string& line) { say_print(line); }),
                            views, file);
  }

  // What it gives for a view must not depend on the views beside it or on the calls before.
  void try_out(int image_size) {
    const c10::NoGradGuard no_grad;
    const at::Tensor views = made_up_views(2, image_size, access.device);
    const at::Tensor both = features(views.clone());
    const at::Tensor alone = features(views.slice(0, 0, 1).clone());
    if (alone.size(1) != both.size(1) || (alone - both.slice(0, 0, 1)).norm().item<double>() >
                                             alike * both.slice(0, 0, 1).norm().item<double>()) {
      fail_data(
          "{} must give the same features for the same view each time, whatever views are beside "
          "it. It does not.",
          file.string());
    }
    known.dimensions = static_cast<int>(both.size(1));
    known.sha256 = loaded_on(access.device).sha256();
  }
};

BackboneProgram::BackboneProgram(fs::path file, int image_size, const ProgramAccess& access)
    : impl_(new Impl{.file = std::move(file), .access = access}) {
  impl_->require_consent();
  impl_->try_out(image_size);
}

BackboneProgram::BackboneProgram(fs::path file, KnownProgram known, const ProgramAccess& access)
    : impl_(new Impl{.file = std::move(file), .access = access, .known = std::move(known)}) {}

BackboneProgram::~BackboneProgram() = default;

const fs::path& BackboneProgram::file() const {
  return impl_->file;
}
const KnownProgram& BackboneProgram::known() const {
  return impl_->known;
}

void BackboneProgram::require_content() const {
  require_program(impl_->file, impl_->known.sha256);
}
void BackboneProgram::require_runnable() const {
  impl_->require_consent();
  require_content();
}

at::Tensor BackboneProgram::features(const at::Tensor& views) const {
  impl_->require_consent();
  at::Tensor features = impl_->features(views);
  if (features.size(1) == impl_->known.dimensions) return features;
  fail_data("{} must return {} features of every view. It returns {}.", impl_->file.string(),
            impl_->known.dimensions, features.size(1));
}

}  // namespace nolabel
