// Places of results, checked before the work: a command that ran for an hour must not find at its
// end that its result cannot be written.
#pragma once

#include <filesystem>

namespace nolabel {

enum class MissingFolders {
  refused,  // the folder of the file must be there
  made,     // whoever writes makes it
};

// Throws unless a file can be written at `file`, as AtomicFile does it:
//   Error(Fault::usage)   it is empty, a folder, or its folder is missing or is a file
//   Error(Fault::system)  no permission, a read-only file system, a full disk
// A byte is written beside `file` and removed, because nothing else tells all of these. A device or
// pipe is not opened. `file` itself is neither made nor changed, and no folder is made.
void check_output(const std::filesystem::path& file,
                  MissingFolders missing = MissingFolders::refused);

// The same for a folder that is to hold results; it may be missing.
void check_output_folder(const std::filesystem::path& folder);

}  // namespace nolabel
