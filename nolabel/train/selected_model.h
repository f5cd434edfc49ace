// The model that a task's validation selected. It goes to its file with the next checkpoint,
// because on small data sets an epoch is far shorter than writing a file. The copy stays in memory
// for the whole training, so that later calls copy only what has changed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "nolabel/weights/weights_file.h"

namespace nolabel {

class SelectedModel {
 public:
  explicit SelectedModel(std::filesystem::path path) : path_(std::move(path)) {}
  // Copies the weights. `only_heads`: nothing but cluster heads has changed since the last call.
  void select(const StateDict& state, bool only_heads);
  // Whether a model is in the file.
  bool exists() const { return std::filesystem::exists(path_); }
  // Writes what `content` makes of the selected weights; nothing when the file has them already.
  void save(const std::function<Value(const StateDict& state)>& content);

 private:
  std::filesystem::path path_;
  std::optional<StateDict> selected_;
  bool saved_ = false;
};

}  // namespace nolabel
