// Which fields of a list file are pictures. Private to this folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nolabel {

// Paths are seen from the folder of the list.
class ListedFiles {
 public:
  explicit ListedFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  bool exists(std::string_view field) const;
  // By its name, or because there is such a file.
  bool is_picture(std::string_view field) const;
  // That names a column of pictures, and no file.
  bool is_header(const std::vector<std::string>& fields) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace nolabel
