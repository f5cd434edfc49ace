#include "nolabel/base/npz.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>

#include "nolabel/base/error.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

using Reader = std::shared_ptr<archive>;

// Deflate makes at most 1,032 bytes of one.
constexpr uint64_t most_expansion = 1032;

void check(const Reader& reader, int64_t code, const fs::path& path) {
  if (code >= ARCHIVE_WARN) return;
  const char* reason = archive_error_string(reader.get());
  fail_data("{} must be a sound .npz archive. Reading it failed: {}", path.string(),
            reason ? reason : "it is damaged");
}

Reader open(const fs::path& path) {
  Reader reader(archive_read_new(), archive_read_free);
  NOLABEL_ASSERT(reader != nullptr);
  archive_read_support_format_zip_seekable(reader.get());
  constexpr size_t block = size_t{1} << 18;
  check(reader, archive_read_open_filename(reader.get(), path.c_str(), block), path);
  return reader;
}

// The name of the next entry; empty at the end of the archive.
std::string next_entry(const Reader& reader, const fs::path& path) {
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(reader.get(), &entry);
  if (code == ARCHIVE_EOF) return {};
  check(reader, code, path);
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) fail_data("{} has an entry without a name.", path.string());
  return name;
}

size_t read_entry(const Reader& reader, const fs::path& path, char* bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    const la_ssize_t received = archive_read_data(reader.get(), bytes + done, count - done);
    check(reader, received, path);
    if (received <= 0) break;
    done += static_cast<size_t>(received);
  }
  return done;
}

// The entry at which a reader stands.
class OpenEntry : public ByteSource {
 public:
  OpenEntry(const Reader& reader, const fs::path& path) : reader_(reader), path_(path) {}
  size_t read(char* bytes, size_t count) override {
    return read_entry(reader_, path_, bytes, count);
  }
  uint64_t most_left() const override { return fs::file_size(path_) * most_expansion; }

 private:
  const Reader& reader_;
  const fs::path& path_;
};

bool is_matrix(const NpyHeader& header) {
  return std::ranges::count_if(header.shape, [](int64_t size) { return size > 1; }) == 2;
}

std::string array_name(const std::string& entry) {
  return entry.substr(0, entry.size() - std::string_view(".npy").size());
}

// "features <f4 [400, 48], labels <i8 [400]"
std::string listed(const std::vector<NpzArray>& arrays) {
  std::string text;
  for (const NpzArray& array : arrays) {
    text += format("{}{} {} {}", text.empty() ? "" : ", ", array_name(array.entry),
                   array.header.type, shape_text(array.header.shape));
  }
  return text;
}

}  // namespace

std::vector<NpzArray> npz_arrays(const fs::path& path) {
  const Reader reader = open(path);
  std::vector<NpzArray> arrays;
  for (std::string entry; !(entry = next_entry(reader, path)).empty();) {
    if (!entry.ends_with(".npy")) continue;
    OpenEntry source(reader, path);
    arrays.push_back({entry, read_npy_header(source, path.string() + ", " + entry)});
  }
  if (arrays.empty()) {
    fail_data(
        "{} must hold an array, as numpy.savez writes it. It is a zip archive without one (a "
        "PyTorch file? numpy.save takes tensor.numpy()).",
        path.string());
  }
  return arrays;
}

NpzArray choose_array(const std::vector<NpzArray>& arrays,
                      const std::function<bool(const NpyHeader&)>& fits, const std::string& wanted,
                      const std::string& name) {
  if (arrays.size() == 1) return arrays.front();
  const auto chosen = [&](const NpzArray& array) {
    return is_matrix(array.header) && fits(array.header);
  };
  const auto found = std::ranges::find_if(arrays, chosen);
  if (std::ranges::count_if(arrays, chosen) == 1) return *found;
  fail_data("{} must hold one array, or one matrix of {} among others. It holds {}.", name, wanted,
            listed(arrays));
}

NpzSource::NpzSource(const fs::path& path, const std::string& entry)
    : path_(path), reader_(open(path)) {
  for (std::string name; (name = next_entry(reader_, path_)) != entry;) {
    if (name.empty()) fail_data("{} must hold {}. It does not.", path_.string(), entry);
  }
}

size_t NpzSource::read(char* bytes, size_t count) {
  return read_entry(reader_, path_, bytes, count);
}

uint64_t NpzSource::most_left() const {
  return fs::file_size(path_) * most_expansion;
}

}  // namespace nolabel
