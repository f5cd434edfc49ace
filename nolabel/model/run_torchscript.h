// Reading and running TorchScript, without any rule of what a backbone is. Private to model.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace nolabel {

// A TorchScript module on one device, in evaluation mode.
class TorchScript {
 public:
  // Reads the file, whose SHA-256 must be this one (empty: any). Errors as BackboneProgram's.
  TorchScript(const std::filesystem::path& file, const std::string& sha256, c10::Device device);
  ~TorchScript();

  const std::string& sha256() const;  // of the content that was read

  // What the module returns for `input`, which it gets in the type of its weights. `say` hears the
  // first line that it prints or warns of, if it does. Error(Fault::data) when it fails or returns
  // anything but a tensor of floating numbers; the text says what it should do.
  at::Tensor operator()(const at::Tensor& input,
                        const std::function<void(const std::string& line)>& say) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Throws Error(Fault::usage) unless the file is there, and unless the SHA-256 of its content, which
// is read unless it is given, is this one.
void require_program(const std::filesystem::path& file, const std::string& sha256,
                     std::string found = {});

// "views [2,3,224,224] into features [2,D] or maps [2,D,h,w]": what is asked of it.
std::string asked_of_program(at::IntArrayRef views);

}  // namespace nolabel
