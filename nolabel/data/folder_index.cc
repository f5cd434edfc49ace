#include "nolabel/data/folder_index.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/threads.h"
#include "nolabel/data/system_files.h"
#include "nolabel/image/decode.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct Remembered {
  int64_t modified = 0;  // of the folder
  std::vector<FolderFile> files;
};
using Index = std::map<std::string, Remembered>;

// The file: magic, parent, per folder its name, time and files, then the SHA-256 of all that.
constexpr std::string_view magic("nolabel index 1\n");
constexpr size_t hash_digits = 64;

class IndexWriter {
 public:
  template <class Number>
  void number(Number value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void words(std::string_view value) {
    number(static_cast<uint32_t>(value.size()));
    text += value;
  }
  std::string text;
};

// Ends quietly with `good` false where the text ends early.
class IndexReader {
 public:
  explicit IndexReader(std::string_view text) : text_(text) {}
  template <class Number>
  Number number() {
    Number value{};
    good = good && text_.size() >= sizeof value;
    if (!good) return value;
    std::memcpy(&value, text_.data(), sizeof value);
    text_.remove_prefix(sizeof value);
    return value;
  }
  std::string words() {
    const auto size = number<uint32_t>();
    good = good && size <= text_.size();
    if (!good) return {};
    std::string value(text_.substr(0, size));
    text_.remove_prefix(size);
    return value;
  }
  bool at_end() const { return text_.empty(); }
  bool good = true;

 private:
  std::string_view text_;
};

// Empty when there is none that can be used.
Index read_index(const fs::path& file, const fs::path& parent) {
  std::error_code error;
  if (file.empty() || !fs::exists(file, error)) return {};
  std::string content;
  try {
    content = read_file(file);
  } catch (const Error&) {
    return {};
  }
  const std::string_view text = content;
  if (text.size() < magic.size() + hash_digits || !text.starts_with(magic)) return {};
  const std::string_view body = text.substr(0, text.size() - hash_digits);
  if (sha256(body) != text.substr(body.size())) return {};
  IndexReader reader(body.substr(magic.size()));
  if (reader.words() != parent.string()) return {};
  Index index;
  while (reader.good && !reader.at_end()) {
    Remembered& folder = index[reader.words()];
    folder.modified = reader.number<int64_t>();
    for (auto left = reader.number<uint64_t>(); reader.good && left > 0; --left) {
      std::string name = reader.words();
      const auto bytes = reader.number<uint64_t>();
      folder.files.push_back({std::move(name), bytes, reader.number<int64_t>()});
    }
  }
  return reader.good ? index : Index{};
}

void write_index(const fs::path& file, const fs::path& parent, const Index& index) {
  IndexWriter writer;
  writer.text = magic;
  writer.words(parent.string());
  for (const auto& [name, folder] : index) {
    writer.words(name);
    writer.number(folder.modified);
    writer.number(uint64_t{folder.files.size()});
    for (const FolderFile& one : folder.files) {
      writer.words(one.name);
      writer.number(one.bytes);
      writer.number(one.modified);
    }
  }
  // Where it cannot be kept, the folders are read again the next time.
  try {
    make_directory(file.parent_path());
    write_file(file, writer.text + sha256(writer.text));
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
  }
}

FolderContent scan(const fs::path& folder, FileCount& found) {
  FolderContent content;
  const auto close = [](DIR* opened) { ::closedir(opened); };
  const std::unique_ptr<DIR, decltype(close)> directory(::opendir(folder.c_str()), close);
  DIR* stream = directory.get();
  if (stream == nullptr) {
    content.failure = std::strerror(errno);
    return content;
  }
  for (errno = 0; const dirent* entry = ::readdir(stream); errno = 0) {
    const std::string name = entry->d_name;
    if (is_system_name(name) || entry->d_type == DT_DIR || !has_image_extension(name)) continue;
    struct stat status {};
    // A link that leads nowhere is taken too: reading it fails, and the user is told.
    const bool known = ::fstatat(::dirfd(stream), name.c_str(), &status, 0) == 0;
    if (known && !S_ISREG(status.st_mode)) continue;
    content.files.push_back({name, known ? static_cast<uint64_t>(status.st_size) : 0,
                             known ? nanoseconds(status.st_mtim) : 0});
    found.add(1);
  }
  if (errno != 0) content.failure = std::strerror(errno);
  std::sort(content.files.begin(), content.files.end(),
            [](const FolderFile& a, const FolderFile& b) { return a.name < b.name; });
  return content;
}

// A change within this time of the last one may leave the folder's time as it is (its clock ticks,
// and that of a server may be another's): such a folder is not remembered yet.
constexpr int64_t settled_after = 2'000'000'000;

}  // namespace

std::vector<FolderContent> list_folders(const fs::path& parent,
                                        const std::vector<std::string>& names,
                                        const fs::path& index_file, int threads, FileCount& found) {
  Index index = read_index(index_file, parent);
  timespec clock{};
  ::clock_gettime(CLOCK_REALTIME, &clock);
  const int64_t settled = nanoseconds(clock) - settled_after;
  const auto count = static_cast<int64_t>(names.size());
  std::vector<FolderContent> contents(names.size());
  std::vector<int64_t> modified(names.size(), 0);
  std::atomic<bool> changed{false};
  parallel_for(count, threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const fs::path folder = parent / names[i];
      struct stat status {};
      if (::stat(folder.c_str(), &status) == 0) modified[i] = nanoseconds(status.st_mtim);
      const auto known = index.find(names[i]);
      if (known != index.end() && known->second.modified == modified[i]) {
        contents[i].files = known->second.files;
        found.add(std::ssize(contents[i].files));
      } else {
        contents[i] = scan(folder, found);
        changed = true;
      }
    }
  });
  if (index_file.empty() || !changed) return contents;
  for (int64_t i = 0; i < count; ++i) {
    if (contents[i].failure.empty() && modified[i] < settled) {
      index[names[i]] = {modified[i], contents[i].files};
    } else {
      index.erase(names[i]);
    }
  }
  write_index(index_file, parent, index);
  return contents;
}

}  // namespace nolabel
