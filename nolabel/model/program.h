// A backbone that is a program: somebody's network as TorchScript, a file that holds code beside
// weights. The code runs only where the user has asked for it, and the program is never trained.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>

#include "nolabel/model/backbone_description.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// What may be done with a program.
struct ProgramAccess {
  enum class Use {
    refused,  // nobody has asked for it
    allowed,  // --run-program
    never,    // the backbone is to be trained, which a program cannot be
  };
  Use use = Use::refused;
  c10::Device device{c10::kCPU};  // where a program that is not known is tried out
  Observer observer{};            // hears of what a program prints
};

// The refusal of a file that could only be run. Its text says what to do.
[[noreturn]] void refuse_program(const std::filesystem::path& file, ProgramAccess::Use use);

// Its code computes the same for the same views, whatever it was called with before: nothing is
// specialised or fused while it runs. What it prints goes nowhere but for a note of the first line.
class BackboneProgram {
 public:
  // One that nobody knows: reads it and runs it on made-up views [2,3,S,S] and [1,3,S,S] of
  // image_size, which shows D. Throws what features() throws.
  BackboneProgram(std::filesystem::path file, int image_size, const ProgramAccess& access);
  // One that is known: nothing is read or run before features() is called.
  BackboneProgram(std::filesystem::path file, KnownProgram known, const ProgramAccess& access);
  ~BackboneProgram();

  const std::filesystem::path& file() const;
  const KnownProgram& known() const;

  // Throws Error(Fault::usage) unless its file is there with the content that is known.
  void require_content() const;
  // The same, also when the user has not allowed to run it. Runs nothing.
  void require_runnable() const;

  // Views [B,3,S,S] of any float type and on any device to features [B,D], float32 there. The
  // program gets them in its own type, and maps [B,D,h,w] that it returns are averaged. Errors as
  // require_runnable(); Error(Fault::data), in one line, when the file is no program, or the
  // program fails or returns anything else. Thread-safe.
  at::Tensor features(const at::Tensor& views) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nolabel
