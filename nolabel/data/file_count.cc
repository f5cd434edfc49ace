#include "nolabel/data/file_count.h"

namespace nolabel {

void FileCount::add(int64_t files) {
  observer_.stop_if_requested();
  const int64_t found = found_.fetch_add(files) + files;
  if (!observer_.progress) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  const Clock::time_point now = Clock::now();
  if (!lock || now - shown_ < std::chrono::milliseconds(100)) return;
  shown_ = now;
  observer_.progress(meter_.update(found));
}

}  // namespace nolabel
