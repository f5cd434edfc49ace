// Files among the photos whose names do not end like a picture's: pictures all the same, or videos,
// RAW files, texts. Private to this folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nolabel {

// True when the file's content, not its name, is a picture that nolabel reads. False for RAW files
// (.cr2, .nef, .dng …), which begin as TIFF does, and for what cannot be read.
bool is_picture_by_content(const std::filesystem::path& file);

// Counts them kind by kind.
class OtherFiles {
 public:
  void add(const std::filesystem::path& file);

  // The pictures among them.
  const std::vector<std::filesystem::path>& pictures() const { return pictures_; }
  // "14 files of kinds that nolabel does not read are left out (8 .mp4, 6 .xmp)"; empty when there
  // are none. Pictures do not count.
  std::string left_out() const;

 private:
  std::vector<std::filesystem::path> pictures_;
  std::map<std::string, int64_t> kinds_;  // extension in lower case → files
};

}  // namespace nolabel
