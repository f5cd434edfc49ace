#include "nolabel/data/skipped.h"

#include "nolabel/base/csv.h"
#include "nolabel/base/file.h"

namespace nolabel {

void write_skipped_csv(const std::filesystem::path& path,
                       const std::vector<SkippedImage>& skipped) {
  std::string text = csv_row({"path", "reason"});
  for (const SkippedImage& image : skipped) text += csv_row({image.name, image.reason});
  write_file(path, text);
}

}  // namespace nolabel
