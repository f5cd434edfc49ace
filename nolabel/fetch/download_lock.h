// Of several processes that download the same thing, one downloads it and the others wait.
#pragma once

#include <filesystem>
#include <string>

#include "nolabel/base/file.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// The lock on `directory`, which the download and its parts are in. While another process holds it,
// this one waits and says so once; `title` is what is downloaded, for people: "dinov2-s14". Look
// again whether the thing is there when the lock is held: the other process has fetched it, unless
// it failed or was killed. Throws Error(Fault::stopped) on request, and what DirectoryLock throws.
DirectoryLock lock_for_download(const std::filesystem::path& directory, const std::string& title,
                                const Observer& observer);

}  // namespace nolabel
