#include "nolabel/data/list_columns.h"

#include <algorithm>
#include <array>
#include <span>

#include "nolabel/data/text.h"

namespace nolabel {
namespace {

using namespace std::string_view_literals;

// Names of columns without spaces, '_' and '-', the first the likeliest.
constexpr std::array path_names = {
    "path"sv,      "filepath"sv,      "imagepath"sv, "imgpath"sv, "file"sv,  "filename"sv,
    "imagefile"sv, "imagefilename"sv, "imagename"sv, "imgname"sv, "image"sv, "img"sv,
    "picture"sv,   "photo"sv,         "images"sv,    "imageid"sv, "imgid"sv};
constexpr std::array label_names = {"label"sv,      "labels"sv,     "class"sv,    "classname"sv,
                                    "classlabel"sv, "labelname"sv,  "category"sv, "categoryname"sv,
                                    "target"sv,     "y"sv,          "species"sv,  "breed"sv,
                                    "classid"sv,    "categoryid"sv, "tag"sv};
constexpr std::array own_names = {"cluster"sv, "confidence"sv, "runnerup"sv,
                                  "runnerupconfidence"sv};

// The place of a column's name among `names`, or their number when it is none.
size_t rank_of(std::string_view column, std::span<const std::string_view> names) {
  std::string plain = lower_case(trimmed(column));
  std::erase_if(plain, [](char c) { return c == ' ' || c == '_' || c == '-'; });
  return static_cast<size_t>(std::find(names.begin(), names.end(), plain) - names.begin());
}

std::optional<size_t> column_of(const std::vector<std::string>& fields,
                                std::span<const std::string_view> names) {
  std::optional<size_t> best;
  for (size_t i = 0; i < fields.size(); ++i) {
    const size_t rank = rank_of(fields[i], names);
    if (rank < names.size() && (!best || rank < rank_of(fields[*best], names))) best = i;
  }
  return best;
}

}  // namespace

std::optional<size_t> path_column(const std::vector<std::string>& names) {
  return column_of(names, path_names);
}

std::optional<size_t> label_column(const std::vector<std::string>& names) {
  return column_of(names, label_names);
}

bool is_own_column(std::string_view name) {
  return rank_of(name, own_names) < own_names.size();
}

}  // namespace nolabel
