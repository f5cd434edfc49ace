// Files: whole or not at all.
//
// Every file of nolabel is written beside its place, flushed to disk and renamed: a kill at any
// moment leaves the previous file or the new one. All functions throw Error(Fault::system) naming
// the path and the system's reason ("disk full", "permission denied").
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "nolabel/base/lock_file.h"

namespace nolabel {

// The system's words for an errno.
std::string system_reason(int number);

// The whole content.
std::string read_file(const std::filesystem::path& path);

// A file that appears under its name only with commit(). Without it the destructor removes what
// was written. A device or pipe (/dev/null) is written in place: a rename would replace it.
// Move-only; not thread-safe.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  void write(const void* data, size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }
  uint64_t bytes_written() const { return bytes_; }
  // Where the bytes are until commit(), for libraries that write by path or seek.
  const std::filesystem::path& temporary() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path path_, temporary_;
  bool in_place_ = false;
  int descriptor_ = -1;
  uint64_t bytes_ = 0;
};

// AtomicFile in one call.
void write_file(const std::filesystem::path& path, std::string_view content);

// Appends; creates the file. For logs: a torn last line is the reader's to skip. `later`: what is
// appended survives the end of the process, and that of the machine after flush_to_disk().
enum class Flush { now, later };
void append_to_file(const std::filesystem::path& path, std::string_view text,
                    Flush flush = Flush::now);
void flush_to_disk(const std::filesystem::path& path);

// A file mapped read-only. Move-only.
//
// Pages that were read stay with the process until the system needs their memory, and count as its
// own in a container and in tools that show its memory. A reader that passes over the file, and
// does not come back soon, says how far it is with passed(). One that reads here and there, as
// training does, says nothing, so that pages stay.
class MappedFile {
 public:
  MappedFile() = default;
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  std::span<const std::byte> bytes() const { return {data_, size_}; }

  // So many bytes more have been read. Whenever they are `most_passed`, gives all pages back, which
  // the system maps again when they are read: mostly from its cache, 1 GB in 10 ms. Safe from
  // any number of threads, also while others read.
  void passed(uint64_t bytes) const;
  static constexpr uint64_t most_passed = uint64_t{256} << 20;

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
  mutable std::atomic<uint64_t> passed_ = 0;
};

// Held while a process works in a directory (a lock on `<directory>/.lock`). Creates the directory.
// Throws Error(Fault::system) where no file can be made, or where the file system has no locks.
// Move-only.
class DirectoryLock {
 public:
  // Throws Error(Fault::usage), naming the other process, if another one holds the lock.
  explicit DirectoryLock(const std::filesystem::path& directory);
  // Waits while another process holds the lock; `waiting` is called every 0.2 s and may throw.
  static DirectoryLock wait(const std::filesystem::path& directory,
                            const std::function<void()>& waiting);

 private:
  struct NotYetHeld {};
  DirectoryLock(const std::filesystem::path& directory, NotYetHeld);
  // False: another process holds the lock.
  bool try_to_hold();

  LockFile file_;
};

// A new folder among the system's temporary files, removed with all that is in it when this goes.
// Error(Fault::system) when it cannot be made.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Removes from `directory` and the folders in it the temporary files of writers that were killed.
// The caller holds its lock, so that no writer lives, except of files whose names end in `shared`,
// which have locks of their own and are left alone.
void remove_leftovers(const std::filesystem::path& directory, std::string_view shared);

// Bytes an ordinary user may still write on the file system that holds `path` (or the nearest
// directory above it that exists).
uint64_t free_disk_bytes(const std::filesystem::path& path);

void make_directory(const std::filesystem::path& path);

}  // namespace nolabel
