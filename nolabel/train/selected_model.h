// The file of a task's result, and the model that a task's validation selected, kept in memory
// until the next checkpoint: on small data sets an epoch is far shorter than writing a file.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "nolabel/model/weights_file.h"

namespace nolabel {

// With `module_prefix` its names are those of a DataParallel model, which is what the published
// program loads.
struct ModelFile {
  std::filesystem::path path;
  bool module_prefix = false;
  ModelFile() = default;
  // A path alone is a file with plain names.
  template <class File>
  requires std::is_convertible_v<File, std::filesystem::path> ModelFile(File&& file,
                                                                        bool with_prefix = false)
      : path(std::forward<File>(file)), module_prefix(with_prefix) {}
};

class SelectedModel {
 public:
  explicit SelectedModel(ModelFile file) : file_(std::move(file)) {}
  // Copies the weights.
  void select(const StateDict& state);
  // Whether a model is in the file.
  bool exists() const { return std::filesystem::exists(file_.path); }
  // Writes what `content` makes of the selected weights; nothing when the file has them already.
  void save(const std::function<Value(const StateDict& state)>& content);

 private:
  ModelFile file_;
  std::optional<StateDict> unsaved_;
};

}  // namespace nolabel
