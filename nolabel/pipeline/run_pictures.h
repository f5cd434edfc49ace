// Where the pictures of a run's images are, without decoding any.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "nolabel/image/image.h"
#include "nolabel/record/observer.h"
#include "nolabel/run/run_state.h"

namespace nolabel {

class RunPictures {
 public:
  // Lists the images of the run again. Throws Error(Fault::usage) when the folders or lists that
  // the run was made from do not exist any more, and Error(Fault::data) when they hold no image. A
  // run on features has pictures where --paths names files.
  RunPictures(const RunState& state, const Observer& observer);
  ~RunPictures();

  // Seen from it, names are paths. Empty when no image is a file of its own.
  const std::filesystem::path& root() const { return root_; }

  // The file of the image with this name in assignments.csv. Nothing when it is not there any more,
  // or when the image is no file of its own.
  std::optional<std::filesystem::path> file(const std::string& name) const;
  // Side of the square picture of CIFAR or STL-10, which is no file of its own; nothing for others.
  std::optional<int> side(const std::string& name) const;
  // That picture.
  Image picture(const std::string& name) const;

 private:
  struct Listed;
  std::filesystem::path root_;
  std::unique_ptr<const Listed> listed_;  // of a run on images
};

}  // namespace nolabel
