// Which sub-folders of a folder are its training images and which the images to test on.
// Private to this folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace nolabel {

struct FolderSplit {
  std::string top;                  // folders above both, each with a slash: "", "dataset/"
  std::string train, test;          // their names as they are written: "Train", "valid"
  bool validation = false;          // `test` is named after validation
  std::vector<std::string> beside;  // names of the other folders with pictures beside the two

  std::string train_folder() const { return top + train; }
  std::string test_folder() const { return top + test; }
  int class_level() const;  // how many folders of an image's name are no class: 1 and those above
};

// Looks at names only: `train` (training, training_set …) beside `test` (testing, test_set …), else
// beside `val` (valid, validation …), in upper or lower case; else such names with the same other
// words (`seg_train`, `seg_test`), when only two of them are a split. Where all pictures lie in one
// sub-folder, that is looked into. With all three, test is what is measured and validation stands
// in `beside`. Nothing when there are no such folders.
std::optional<FolderSplit> find_split(const std::filesystem::path& root);

}  // namespace nolabel
