#include "nolabel/run/image_list.h"

#include <algorithm>
#include <map>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr size_t names_shown = 3;
constexpr const char *train_text = "train", *held_out_text = "validation";

ContentId content_of(const std::string& text, const fs::path& file) {
  if (const auto content = parse_content(text)) return *content;
  fail_data("{} must hold contents as 32 hexadecimal digits. Received {}.", file.string(), text);
}

// "2 gone (x.jpg, y.jpg)"
void add_part(std::string& text, const std::vector<std::string>& names, const char* what) {
  if (names.empty()) return;
  std::string shown;
  for (size_t i = 0; i < std::min(names.size(), names_shown); ++i) {
    shown += (i > 0 ? ", " : "") + names[i];
  }
  if (names.size() > names_shown) shown += " …";
  text += format("{}{} {} ({})", text.empty() ? "" : ", ", names.size(), what, shown);
}

using ByName = std::map<std::string, ContentId>;

ByName by_name(const ImageList& list) {
  ByName map;
  for (const ImageList::Image& image : list.images) map[image.name] = image.content;
  return map;
}

}  // namespace

void ImageList::add(const Dataset& dataset, const std::vector<ContentId>& contents) {
  NOLABEL_ASSERT(std::ssize(contents) == dataset.size());
  for (int64_t i = 0; i < dataset.size(); ++i) {
    images.push_back({dataset.name(i), contents[static_cast<size_t>(i)]});
  }
}

void write_image_list(const fs::path& file, const ImageList& list) {
  const bool has_split = list.held_out > 0;
  std::vector<std::string> header{"path", "content"};
  if (has_split) header.push_back("split");
  std::string text = csv_row(header);
  for (size_t i = 0; i < list.images.size(); ++i) {
    const ImageList::Image& image = list.images[i];
    std::vector<std::string> fields{image.name, content_text(image.content)};
    if (has_split) {
      fields.push_back(i + list.held_out < list.images.size() ? train_text : held_out_text);
    }
    text += csv_row(fields);
  }
  write_file(file, text);
}

std::optional<ImageList> read_image_list(const fs::path& file) {
  if (!fs::exists(file)) return std::nullopt;
  const std::vector<CsvRow> rows = parse_csv(read_file(file), file.string());
  ImageList list;
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& fields = rows[i].fields;
    const size_t columns = rows[0].fields.size() == 3 ? 3 : 2;
    if (fields.size() != columns) {
      fail_data("{} must have {} columns. Row {} has {}.", file.string(), columns, i + 1,
                fields.size());
    }
    if (columns == 3 && fields[2] == held_out_text) {
      ++list.held_out;
    } else if (columns == 3 && (fields[2] != train_text || list.held_out > 0)) {
      fail_data("{} must list the images of train, then those of validation. Row {} is of {}.",
                file.string(), i + 1, fields[2]);
    }
    list.images.push_back({fields[0], content_of(fields[1], file)});
  }
  return list;
}

std::string image_list_change(const ImageList& was, const ImageList& is) {
  if (was.images == is.images) return "";
  const ByName before = by_name(was), now = by_name(is);
  std::multimap<ContentId, std::string> gone;
  for (const auto& [name, content] : before) {
    if (!now.contains(name)) gone.emplace(content, name);
  }
  std::vector<std::string> fresh, changed, renamed, missing;
  for (const auto& [name, content] : now) {
    const auto same_name = before.find(name);
    if (same_name != before.end()) {
      if (same_name->second != content) changed.push_back(name);
    } else if (const auto old = gone.find(content); old != gone.end()) {
      renamed.push_back(format("{} is now {}", old->second, name));
      gone.erase(old);
    } else {
      fresh.push_back(name);
    }
  }
  for (const auto& [content, name] : gone) missing.push_back(name);
  std::ranges::sort(missing);
  std::string text;
  add_part(text, fresh, "new");
  add_part(text, missing, "gone");
  add_part(text, changed, "with another content");
  add_part(text, renamed, "renamed");
  return text.empty() ? "their order" : text;
}

}  // namespace nolabel
