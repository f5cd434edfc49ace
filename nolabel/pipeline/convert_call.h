// Weights from one file format into another.
#pragma once

#include <string>

#include "nolabel/config/schema.h"
#include "nolabel/record/observer.h"

namespace nolabel {

struct ConvertRequest {
  std::string in;        // a weights file in any format, or a run directory
  std::string out;       // FILE.safetensors, or .pth, .pt or .pth.tar for PyTorch's format
  bool half = false;     // store numbers in half precision
  std::string describe;  // what the weights are, for people; empty: as `in` states
  int image_size = 0;    // of the views in pixels; 0: as `in` states
  // Not empty: only this prefix is added to the name of every tensor. Optimizer, epoch and best
  // head of a checkpoint stay as they are, and no other setting is allowed.
  std::string prefix;
};
void declare(Schema& options, ConvertRequest& request);

// Writes `out`, and `out`.backbone.json beside a file in PyTorch's format (with `prefix` only where
// `in` has one). Returns how many tensors it holds. Of several heads only the best is converted;
// with `prefix` all stay. Throws Error: usage (settings, places, a file of another network), data
// (malformed weights), system.
size_t convert(const ConvertRequest& request, const Observer& observer);

}  // namespace nolabel
