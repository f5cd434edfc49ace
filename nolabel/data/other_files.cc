#include "nolabel/data/other_files.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <span>
#include <utility>

#include "nolabel/base/format.h"
#include "nolabel/data/text.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

using namespace std::string_view_literals;

constexpr std::array raw_kinds = {
    ".3fr"sv, ".arw"sv, ".cr2"sv, ".cr3"sv, ".crw"sv, ".dcr"sv, ".dng"sv, ".erf"sv, ".fff"sv,
    ".iiq"sv, ".kdc"sv, ".mef"sv, ".mos"sv, ".mrw"sv, ".nef"sv, ".nrw"sv, ".orf"sv, ".pef"sv,
    ".raf"sv, ".raw"sv, ".rw2"sv, ".rwl"sv, ".sr2"sv, ".srf"sv, ".srw"sv, ".x3f"sv};
// Never opened to look for a picture: there may be one beside every photo.
constexpr std::array plain_kinds = {".txt"sv, ".json"sv, ".xml"sv, ".xmp"sv, ".csv"sv,
                                    ".npy"sv, ".mp4"sv,  ".mov"sv, ".avi"sv, ".pdf"sv};

bool is_one_of(std::span<const std::string_view> kinds, std::string_view kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string kind_of(const fs::path& file) {
  return lower_case(file.extension().string());
}

}  // namespace

bool is_picture_by_content(const fs::path& file) {
  const std::string kind = kind_of(file);
  std::error_code error;
  if (is_one_of(raw_kinds, kind) || is_one_of(plain_kinds, kind)) return false;
  if (!fs::is_regular_file(file, error)) return false;  // a pipe may never give anything
  std::array<char, 64> head{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), head.size());
  return begins_as_picture(
      std::as_bytes(std::span(head).first(static_cast<size_t>(stream.gcount()))));
}

void OtherFiles::add(const fs::path& file) {
  if (is_picture_by_content(file)) {
    pictures_.push_back(file);
  } else {
    ++kinds_[kind_of(file)];
  }
}

std::string OtherFiles::left_out() const {
  constexpr size_t most_kinds = 6;
  std::vector<std::pair<std::string, int64_t>> kinds(kinds_.begin(), kinds_.end());
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  int64_t files = 0;
  bool raw = false;
  std::string list;
  for (size_t i = 0; i < kinds.size(); ++i) {
    const auto& [kind, count] = kinds[i];
    files += count;
    raw = raw || is_one_of(raw_kinds, kind);
    if (i >= most_kinds) continue;
    list +=
        format("{}{} {}", i == 0 ? "" : ", ", count, kind.empty() ? "without an extension" : kind);
  }
  if (files == 0) return {};
  if (kinds.size() > most_kinds) list += format(" and {} more kinds", kinds.size() - most_kinds);
  return format("nolabel leaves out {} {} it does not read ({}){}", files,
                files == 1 ? "file of a kind that" : "files of kinds that", list,
                raw ? "; convert RAW photos to JPEG, PNG or TIFF first" : "");
}

}  // namespace nolabel
