// A .tar.gz to a folder, trusting nothing that it says.
#pragma once

#include <filesystem>

#include "nolabel/record/observer.h"

namespace nolabel {

// Unpacks `archive` to `folder`, which must not exist and appears only when all is in it: until
// then it is `folder`.part, which is removed on any error. Throws Error(Fault::data) when the
// archive is damaged or has an entry other than a file or folder below it (an absolute path, "..",
// a link, a device, a name twice), Error(Fault::system) when the disk has no room,
// Error(Fault::stopped) on request.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder,
            const Observer& observer);

}  // namespace nolabel
