#include "nolabel/model/load_state.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <unordered_map>
#include <vector>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr size_t names_shown = 6;

// "; missing: a, b and 3 more", or nothing.
std::string listed(const char* title, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = format("; {}: ", title);
  for (size_t i = 0; i < names.size() && i < names_shown; ++i) {
    text += format(i == 0 ? "{}" : ", {}", names[i]);
  }
  if (names.size() > names_shown) text += format(" and {} more", names.size() - names_shown);
  return text;
}

}  // namespace

std::string shape_text(at::IntArrayRef shape) {
  std::string text;
  for (const int64_t size : shape) text += format(text.empty() ? "{}" : ",{}", size);
  return format("[{}]", text);
}

void load_state(const StateDict& target, const StateDict& state, bool strict,
                const std::string& what) {
  std::unordered_map<std::string, at::Tensor> given;
  for (const NamedTensor& entry : state) given[entry.name] = entry.tensor;

  std::vector<std::string> missing, wrong, unexpected;
  std::vector<at::Tensor> sources;
  for (const NamedTensor& entry : target) {
    const auto found = given.find(entry.name);
    if (found == given.end()) {
      missing.push_back(entry.name);
      continue;
    }
    const at::Tensor& source = found->second;
    if (source.sizes() != entry.tensor.sizes()) {
      wrong.push_back(format("{} {} instead of {}", entry.name, shape_text(source.sizes()),
                             shape_text(entry.tensor.sizes())));
    } else if (source.is_floating_point() != entry.tensor.is_floating_point()) {
      wrong.push_back(format("{} of type {}", entry.name, c10::toString(source.scalar_type())));
    }
    sources.push_back(source);
    given.erase(found);
  }
  if (strict) {
    for (const NamedTensor& entry : state) {
      if (given.contains(entry.name)) unexpected.push_back(entry.name);
    }
  }
  if (!missing.empty() || !wrong.empty() || !unexpected.empty()) {
    fail_usage(
        "{} must have exactly the tensors of this network. The received tensors differ{}{}{}", what,
        listed("missing", missing), listed("unexpected", unexpected), listed("wrong shape", wrong));
  }

  const c10::NoGradGuard no_grad;
  for (size_t i = 0; i < target.size(); ++i) target[i].tensor.copy_(sources[i]);
}

}  // namespace nolabel
