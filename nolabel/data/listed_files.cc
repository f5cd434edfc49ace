#include "nolabel/data/listed_files.h"

#include "nolabel/data/list_columns.h"
#include "nolabel/data/text.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;

bool ListedFiles::exists(std::string_view field) const {
  std::error_code error;
  return !field.empty() && fs::is_regular_file(folder_ / field, error);
}

bool ListedFiles::is_picture(std::string_view field) const {
  return has_image_extension(trimmed(field)) || exists(trimmed(field));
}

bool ListedFiles::is_header(const std::vector<std::string>& fields) const {
  const auto column = path_column(fields);
  return column && !exists(fields[*column]);
}

}  // namespace nolabel
