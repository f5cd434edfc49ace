// Which device and which precision the work runs in, and what they can do.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "nolabel/model/model.h"

namespace nolabel {

// auto, cpu, cuda or cuda:N. `auto` is the first GPU when one can be used, else the CPU. Throws
// Error(Fault::usage) for anything else or a GPU that is not there, and Error(Fault::system), which
// says why, when CUDA is asked for and cannot be used.
at::Device choose_device(std::string_view text);

// Why `auto` leaves a GPU of this machine unused (no plug-in library, one that does not load, a
// driver too old), for a warning; empty when there is no GPU or it is usable.
std::string unused_gpu();

// auto, fp32, bf16 or fp16. `auto` is bf16 where the device computes in it (on the CPU: AVX-512
// bf16, which every processor with AMX has), fp16 on older GPUs with tensor cores, else fp32.
Precision choose_precision(std::string_view text, at::Device device);

std::string precision_name(Precision precision);

// Of the instruction sets that matter here, those this processor has: "avx2", "avx512bf16" …
std::vector<std::string> processor_features();

// 10⁹ multiply-adds, counted as two operations each, per second in a square matrix product on all
// threads. Takes about a second at most.
double measure_matmul_gflops(at::Device device, Precision precision);

}  // namespace nolabel
