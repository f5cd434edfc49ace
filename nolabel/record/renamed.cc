#include "nolabel/record/renamed.h"

namespace nolabel {

Observer renamed(const Observer& observer, const std::string& stage) {
  Observer other = observer;
  if (!observer.progress) return other;
  other.progress = [show = observer.progress, stage](Progress progress) {
    progress.stage = stage;
    show(progress);
  };
  return other;
}

}  // namespace nolabel
