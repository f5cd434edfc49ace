#include "nolabel/model/run_torchscript.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/print_handler.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/path_text.h"
#include "nolabel/model/load_state.h"
#include "nolabel/weights/weights_file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr size_t longest_told = 300;  // characters of a message of LibTorch's

// In memory: LibTorch reads the bytes that were hashed, whatever becomes of the file meanwhile.
class ArchiveInMemory : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit ArchiveInMemory(const fs::path& file) : bytes_(read_file(file)) {}
  size_t size() const override { return bytes_.size(); }
  size_t read(uint64_t position, void* buffer, size_t count, const char*) const override {
    if (position >= size()) return 0;
    const size_t there = std::min<size_t>(count, size() - position);
    std::memcpy(buffer, bytes_.data() + position, there);
    return there;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  const std::string bytes_;
};

void require_there(const fs::path& file, const std::string& sha256) {
  if (fs::exists(file)) return;
  if (sha256.empty()) fail_usage("{} must be a program. It does not exist.", file.string());
  fail_usage(
      "{} must be the program that the backbone is (SHA-256 {}). It does not exist. Put it there "
      "again, or tell the run its new place with `nolabel cluster RUN --backbone FILE "
      "--run-program`.",
      file.string(), sha256);
}

// For a message: its beginning, and no bytes that are no text, as a damaged program can have them.
std::string told(std::string line) {
  line.resize(std::min(line.size(), longest_told));
  if (is_utf8(line)) return line;
  for (char& character : line) {
    if (static_cast<unsigned char>(character) >= 0x80) character = '?';
  }
  return line;
}

// Of a message with the trace of a program: the line that names the error, which comes last; of
// another message the first line.
std::string told_by(const std::exception& exception) {
  const auto* error = dynamic_cast<const c10::Error*>(&exception);
  const std::string text = error ? error->what_without_backtrace() : exception.what();
  std::string first, named;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.find_first_not_of(" \t") == line.npos) continue;
    if (first.empty()) first = line;
    if (line.find("Error: ") != line.npos || line.find("Exception: ") != line.npos) named = line;
  }
  return told(named.empty() ? first : named);
}

// ---- what a program prints --------------------------------------------------------------------

thread_local std::string* printed = nullptr;

void keep_print(const std::string& text) {
  if (printed) *printed += text;
}

class KeptWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override { keep_print(warning.msg() + "\n"); }
};

// LibTorch has one print handler for all threads: the last guard puts back what was there.
struct PrintHandlers {
  std::mutex mutex;
  int guards = 0;
  torch::jit::PrintHandler before = nullptr;
};
PrintHandlers& print_handlers() {
  static PrintHandlers handlers;
  return handlers;
}

// While it lives, what programs on this thread print or warn of comes into `text`.
class KeptPrints {
 public:
  explicit KeptPrints(std::string& text) : guard_(&warnings_) {
    PrintHandlers& handlers = print_handlers();
    const std::lock_guard lock(handlers.mutex);
    if (handlers.guards++ == 0) {
      handlers.before = torch::jit::getPrintHandler();
      torch::jit::setPrintHandler(keep_print);
    }
    printed = &text;
  }
  KeptPrints(const KeptPrints&) = delete;
  KeptPrints& operator=(const KeptPrints&) = delete;
  ~KeptPrints() {
    printed = nullptr;
    PrintHandlers& handlers = print_handlers();
    const std::lock_guard lock(handlers.mutex);
    if (--handlers.guards == 0) torch::jit::setPrintHandler(handlers.before);
  }

 private:
  KeptWarnings warnings_;
  const c10::WarningUtils::WarningHandlerGuard guard_;
};

std::string first_line_of(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return "";
  return told(text.substr(begin, text.find('\n', begin) - begin));
}

// ---- what a program returns -------------------------------------------------------------------

std::string kind_of(const c10::IValue& value) {
  if (value.isTuple()) return "a tuple";
  if (value.isGenericDict()) return "a dict";
  if (value.isList()) return "a list";
  if (value.isNone()) return "nothing";
  if (value.isScalar()) return "a number";
  return value.tagKind();
}

at::ScalarType type_of_weights(const torch::jit::Module& module) {
  for (const at::Tensor& weight : module.parameters()) {
    if (weight.is_floating_point()) return weight.scalar_type();
  }
  for (const at::Tensor& buffer : module.buffers()) {
    if (buffer.is_floating_point()) return buffer.scalar_type();
  }
  return at::kFloat;
}

// `work` with LibTorch's errors as ours, which begin with `required`.
template <class Work>
auto with_errors_of_program(const std::string& required, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    if (means_no_memory(exception)) throw;
    fail_data("{} It fails: {}", required, told_by(exception));
  }
}

}  // namespace

std::string asked_of_program(at::IntArrayRef views) {
  return format("views {} into features [{},D] or maps [{},D,h,w]", shape_text(views), views[0],
                views[0]);
}

void require_program(const fs::path& file, const std::string& sha256, std::string found) {
  require_there(file, sha256);
  if (found.empty()) found = file_hash(file);
  if (found == sha256) return;
  fail_usage(
      "{} must be the program that the backbone is, with the SHA-256 {}. It has changed: its "
      "SHA-256 "
      "is {}. Put the earlier file there again, or begin another run with this one.",
      file.string(), sha256, found);
}

struct TorchScript::Impl {
  fs::path file;
  std::string sha256;
  torch::jit::Module module;
  at::ScalarType type = at::kFloat;
};

TorchScript::TorchScript(const fs::path& file, const std::string& sha256, c10::Device device)
    : impl_(std::make_unique<Impl>()) {
  require_there(file, sha256);
  const auto archive = std::make_shared<ArchiveInMemory>(file);
  impl_->file = file;
  impl_->sha256 = nolabel::sha256(archive->bytes());
  if (!sha256.empty()) require_program(file, sha256, impl_->sha256);
  const std::string required = format("{} must be a TorchScript program.", file.string());
  if (!is_program_file(file)) fail_data("{} It is none, or its end has been cut off.", required);
  with_errors_of_program(required, [&] {
    std::string unheard;
    const KeptPrints prints(unheard);
    impl_->module = torch::jit::load(archive, device, /*load_debug_files=*/false);
    if (!impl_->module.find_method("forward")) fail_data("{} It has no forward().", required);
    impl_->module.eval();
    impl_->type = type_of_weights(impl_->module);
  });
}

TorchScript::~TorchScript() = default;

const std::string& TorchScript::sha256() const {
  return impl_->sha256;
}

at::Tensor TorchScript::operator()(const at::Tensor& input,
                                   const std::function<void(const std::string&)>& say) const {
  const std::string required =
      format("{} must turn {}.", impl_->file.string(), asked_of_program(input.sizes()));
  const c10::NoGradGuard no_grad;
  // Otherwise the first calls are profiled, later ones run code that is specialised and fused, and
  // the same views give other last bits.
  const torch::jit::GraphOptimizerEnabledGuard as_it_stands(false);
  std::string text;
  const c10::IValue result = with_errors_of_program(required, [&] {
    const KeptPrints prints(text);
    return impl_->module.forward({input.to(impl_->type).contiguous()});
  });
  if (const std::string line = first_line_of(text); !line.empty()) say(line);
  if (!result.isTensor()) {
    fail_data("{} It returns {}. Wrap the network so that it returns its features alone.", required,
              kind_of(result));
  }
  at::Tensor output = result.toTensor();
  if (!output.defined() || output.layout() != at::kStrided || !output.is_floating_point()) {
    fail_data("{} It returns numbers of the type {}, and features are floating numbers.", required,
              output.defined() ? c10::toString(output.scalar_type()) : "none");
  }
  return output;
}

}  // namespace nolabel
