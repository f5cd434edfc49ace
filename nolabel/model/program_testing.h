// For tests: small TorchScript programs, written as Python's torch.jit.save writes them.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

namespace nolabel::testing_programs {

// Features [B,5] of views [B,3,S,S]: levels of the colors and how they vary, mixed by a weight.
inline constexpr const char* features =
    "def forward(self, x):\n"
    "    return torch.cat([x.mean([2, 3]), x.std([2, 3])], 1).matmul(self.weight)\n";

// Saves a module with these methods and a parameter `weight` [6,5] of this type.
inline void write_program(const std::filesystem::path& file, const std::string& methods = features,
                          at::ScalarType type = at::kFloat) {
  torch::jit::Module module("__torch__.Net");
  const at::Tensor weight = at::arange(30, at::kFloat).mul(0.7).sin().view({6, 5});
  module.register_parameter("weight", weight.to(type), /*is_buffer=*/false);
  module.define(methods);
  module.save(file.string());
}

// What `features` computes.
inline at::Tensor features_of(const at::Tensor& views) {
  const at::Tensor weight = at::arange(30, at::kFloat).mul(0.7).sin().view({6, 5});
  return at::cat({views.mean({2, 3}), views.std(at::IntArrayRef{2, 3})}, 1).matmul(weight);
}

}  // namespace nolabel::testing_programs
