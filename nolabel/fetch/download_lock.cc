#include "nolabel/fetch/download_lock.h"

#include "nolabel/base/format.h"

namespace nolabel {

DirectoryLock lock_for_download(const std::filesystem::path& directory, const std::string& title,
                                const Observer& observer) {
  bool said = false;
  return DirectoryLock::wait(directory, [&] {
    observer.stop_if_requested();
    if (!said) {
      observer.note(
          format("another process is downloading {}; nolabel waits for that process", title));
    }
    said = true;
  });
}

}  // namespace nolabel
