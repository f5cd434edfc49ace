#include "nolabel/fetch/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/record/progress_meter.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr int64_t meter_unit = 1'000'000;  // bytes: MB

// A file that is created here and nowhere else: never an existing one, never through a link.
class NewFile {
 public:
  explicit NewFile(const fs::path& path)
      : path_(path),
        descriptor_(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666)) {
    if (descriptor_ < 0) fail(errno);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() { ::close(descriptor_); }

  void write(const char* bytes, size_t count) const {
    while (count > 0) {
      const ssize_t written = ::write(descriptor_, bytes, count);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(errno);
      bytes += written;
      count -= static_cast<size_t>(written);
    }
  }
  void flush() const {
    if (::fsync(descriptor_) != 0) fail(errno);
  }

 private:
  [[noreturn]] void fail(int number) const {
    fail_system("cannot write {}: {}", path_.string(), std::strerror(number));
  }
  fs::path path_;
  int descriptor_;
};

class Unpacker {
 public:
  Unpacker(const fs::path& archive, const fs::path& folder, const Observer& observer)
      : archive_(archive),
        folder_(folder),
        observer_(observer),
        reader_(archive_read_new(), archive_read_free),
        meter_("unpack", "MB", static_cast<int64_t>(fs::file_size(archive)) / meter_unit) {
    NOLABEL_ASSERT(reader_ != nullptr);
    archive_read_support_filter_gzip(reader_.get());
    archive_read_support_format_tar(reader_.get());
    constexpr size_t block = size_t{1} << 18;
    check(archive_read_open_filename(reader_.get(), archive.c_str(), block));
  }

  void run() {
    archive_entry* entry = nullptr;
    for (int code; (code = archive_read_next_header(reader_.get(), &entry)) != ARCHIVE_EOF;) {
      check(code);
      take(entry);
    }
  }

 private:
  void check(int code) const {
    if (code == ARCHIVE_OK || code == ARCHIVE_WARN) return;
    const char* reason = archive_error_string(reader_.get());
    fail_data("{} cannot be unpacked: {}", archive_.string(), reason ? reason : "damaged");
  }

  // Where the entry goes, which is inside of the folder.
  fs::path place(archive_entry* entry) const {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) fail_data("{} has an entry without a name", archive_.string());
    const fs::path path(name);
    bool inside = path.is_relative() && !path.empty();
    for (const fs::path& part : path) inside = inside && part != "..";
    if (!inside) fail_data("{} has an entry outside of itself: {}", archive_.string(), name);
    return (folder_ / path).lexically_normal();
  }

  void take(archive_entry* entry) {
    const fs::path path = place(entry);
    const auto type = archive_entry_filetype(entry);
    const bool linked =
        archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr;
    if (linked || (type != AE_IFREG && type != AE_IFDIR)) {
      fail_data("{} must hold files and folders only. {} is neither.", archive_.string(),
                archive_entry_pathname(entry));
    }
    std::error_code error;
    if (type == AE_IFDIR) {
      fs::create_directories(path, error);
      if (error) fail_system("cannot create {}: {}", path.string(), error.message());
      return;
    }
    if (fs::exists(path, error)) {
      fail_data("{} has {} twice", archive_.string(), archive_entry_pathname(entry));
    }
    make_directory(path.parent_path());
    require_room(archive_entry_size(entry), path);
    copy(path);
  }

  void require_room(int64_t bytes, const fs::path& path) const {
    const uint64_t room = free_disk_bytes(folder_);
    if (bytes <= 0 || static_cast<uint64_t>(bytes) <= room) return;
    fail_system("the disk must have room for the {} bytes of {}. {} are left.", bytes,
                path.filename().string(), room);
  }

  void copy(const fs::path& path) {
    const NewFile file(path);
    for (;;) {
      observer_.stop_if_requested();
      const la_ssize_t count = archive_read_data(reader_.get(), buffer_.data(), buffer_.size());
      if (count == 0) break;
      if (count < 0) check(static_cast<int>(count));
      if (count > 0) file.write(buffer_.data(), static_cast<size_t>(count));
      report();
    }
    file.flush();
  }

  void report() {
    const auto now = ProgressMeter::Clock::now();
    if (!observer_.progress || now - reported_ < std::chrono::milliseconds(100)) return;
    reported_ = now;
    observer_.progress(meter_.update(archive_filter_bytes(reader_.get(), -1) / meter_unit));
  }

  const fs::path& archive_;
  const fs::path& folder_;
  const Observer& observer_;
  std::unique_ptr<archive, decltype(&archive_read_free)> reader_;
  ProgressMeter meter_;
  ProgressMeter::Clock::time_point reported_;
  std::vector<char> buffer_ = std::vector<char>(size_t{1} << 20);
};

}  // namespace

void unpack(const fs::path& archive, const fs::path& folder, const Observer& observer) {
  const fs::path part = folder.string() + ".part";
  std::error_code error;
  fs::remove_all(part, error);  // of a call that was killed
  make_directory(part);
  try {
    Unpacker(archive, part, observer).run();
    fs::rename(part, folder, error);
    if (error) {
      fail_system("cannot move {} to {}: {}", part.string(), folder.string(), error.message());
    }
  } catch (...) {
    fs::remove_all(part, error);
    throw;
  }
}

}  // namespace nolabel
