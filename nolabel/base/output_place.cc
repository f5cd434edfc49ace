#include "nolabel/base/output_place.h"

#include <unistd.h>

#include <cerrno>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Throws Error(Fault::system) for a place that cannot be looked at.
fs::file_type type_of(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::none) {
    fail_system("cannot write {}: {}", path.string(), error.message());
  }
  return type;
}

// The nearest folder on the way to `folder` that exists, `folder` itself included.
fs::path nearest_existing(fs::path folder) {
  folder = fs::absolute(folder).lexically_normal();
  while (type_of(folder) == fs::file_type::not_found && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

void require_folder(const fs::path& folder, const fs::path& output) {
  if (type_of(folder) == fs::file_type::directory) return;
  fail_usage("{} cannot be written: {} must be a folder. It is a file.", output.string(),
             folder.string());
}

// Writes a byte at `probe` and removes it. An error names `probe`, which is the place itself or a
// name that says what failed.
void write_and_remove(const fs::path& probe) {
  AtomicFile file(probe);
  file.write(" ");
}

}  // namespace

void check_output(const fs::path& file, MissingFolders missing) {
  if (!file.has_filename()) {
    fail_usage("the name of a file to write is required. Received '{}'.", file.string());
  }
  const fs::file_type type = type_of(file);
  if (type == fs::file_type::directory) {
    fail_usage("{} must be a file to write. It is a folder.", file.string());
  }
  if (type != fs::file_type::not_found && type != fs::file_type::regular) {
    if (::access(file.c_str(), W_OK) == 0) return;
    fail_system("cannot write {}: {}", file.string(), system_reason(errno));
  }
  const fs::path folder = fs::absolute(file).parent_path();
  const bool there = type_of(folder) != fs::file_type::not_found;
  if (!there && missing == MissingFolders::refused) {
    fail_usage("{} cannot be written: the folder {} must exist. Make it first.", file.string(),
               folder.string());
  }
  const fs::path existing = there ? folder : nearest_existing(folder);
  require_folder(existing, file);
  write_and_remove(there ? file : existing / file.filename());
}

void check_output_folder(const fs::path& folder) {
  if (folder.empty()) fail_usage("the name of a folder to write into is required. It is empty.");
  const fs::path existing = nearest_existing(folder);
  require_folder(existing, folder);
  write_and_remove(existing / "nolabel");
}

}  // namespace nolabel
