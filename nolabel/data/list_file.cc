#include "nolabel/data/list_file.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "nolabel/base/error.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/text.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;

namespace {

// The names under which the file of a row may exist, the one that is written last again.
std::vector<std::string> spellings_of(const std::string& written) {
  const std::string plain(trimmed(written));
  if (plain.empty()) return {written};
  std::string slashes = plain;
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  std::vector<std::string> names;
  for (const std::string& path : {written, plain, slashes, written}) {
    names.push_back(fs::path(path).lexically_normal().generic_string());
  }
  return names;
}

// Whether the file of a row exists under one of its names.
bool find_listed_file(ListedImage& image, const fs::path& root, const std::string& written) {
  for (const std::string& name : spellings_of(written)) {
    image.name = name;
    image.file = (root / name).string();
    if (look_at_file(image)) return true;
  }
  return false;
}

// "p00.png", where the list has p00 without an extension; empty where there is no such file.
std::string with_extension(const fs::path& file) {
  std::error_code error;
  for (fs::directory_iterator i(file.parent_path(), error), end; !error && i != end;
       i.increment(error)) {
    if (i->path().stem() == file.filename() && has_image_extension(i->path())) {
      return i->path().filename().string();
    }
  }
  return "";
}

// For a list of which no file exists: it was written, or understood, in another way. (A single row
// that is wrong is skipped as a picture that cannot be read.)
[[noreturn]] void fail_without_a_file(const Listing& listing, const fs::path& list,
                                      const std::string& read_as) {
  const auto& images = listing.images;
  const std::string there = with_extension(images.front().file);
  fail_data(
      "{}: rows must be path,label with paths seen from {}, or the first row must name the columns "
      "path and label. None of its {} files exists; {}, and the first is {}.{}",
      list.string(), listing.root.string(), images.size(), read_as, images.front().name,
      there.empty() ? "" : format(" {} exists: write names with their extensions.", there));
}

}  // namespace

std::vector<std::string> list_class_names(const std::vector<ListRow>& rows) {
  std::set<std::string> labels;
  for (const ListRow& row : rows) {
    if (!row.label.empty()) labels.insert(row.label);
  }
  std::vector<std::string> names(labels.begin(), labels.end());
  std::map<std::string, int64_t> values;
  for (const std::string& name : names) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
    if (error != std::errc() || end != name.data() + name.size()) return names;
    values[name] = value;
  }
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return values.at(a) < values.at(b);
  });
  return names;
}

std::vector<std::string> listed_names(const fs::path& root, const std::vector<ListRow>& rows) {
  constexpr size_t looked_at = 100;
  bool any = false;
  std::vector<std::string> names;
  for (const ListRow& row : rows) {
    names.push_back(row.path);
    if (!any && names.size() > looked_at) continue;
    std::error_code unreadable;  // a name can be too long for a file
    for (const std::string& name : spellings_of(row.path)) {
      if (!fs::is_regular_file(root / name, unreadable)) continue;
      names.back() = name;
      any = true;
      break;
    }
  }
  return names;
}

bool is_list_file(const fs::path& path) {
  const std::string extension = lower_case(path.extension().string());
  return extension == ".csv" || extension == ".txt" || extension == ".tsv" || extension == ".tab" ||
         extension == ".lst" || extension == ".list";
}

Listing list_list_file(const fs::path& path, const LoadOptions& options, FileCount& count) {
  require_no_split(path, options);
  ListTable table = read_list_table(path);
  const std::vector<ListRow>& rows = table.rows;
  Listing listing;
  listing.warnings = std::move(table.warnings);
  listing.root = path.parent_path();
  if (options.labels != LabelSource::none) listing.class_names = list_class_names(rows);
  std::map<std::string, const ListRow*> taken;
  bool any_exists = false;
  for (const ListRow& row : rows) {
    ListedImage image;
    any_exists |= find_listed_file(image, listing.root, row.path);
    const auto [earlier, first] = taken.emplace(image.name, &row);
    if (!first) {
      if (earlier->second->label == row.label) continue;
      fail_usage("{}:{}: {} must have one label. Line {} has \"{}\", this one \"{}\".",
                 path.string(), row.line, row.path, earlier->second->line, earlier->second->label,
                 row.label);
    }
    const auto& names = listing.class_names;
    const auto found = std::find(names.begin(), names.end(), row.label);
    if (found != names.end()) image.label = static_cast<int32_t>(found - names.begin());
    count.add(1);
    listing.images.push_back(std::move(image));
  }
  if (!any_exists && !rows.empty()) fail_without_a_file(listing, path, table.read_as);
  return listing;
}

}  // namespace nolabel
