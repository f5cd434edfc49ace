#include "nolabel/fetch/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/fetch/http_transfer.h"
#include "nolabel/fetch/md5.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

using Kind = HttpOutcome::Kind;
using std::chrono::milliseconds;

// The part that is there already, open for more.
class PartFile {
 public:
  explicit PartFile(const fs::path& path)
      : path_(path),
        descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)) {
    if (descriptor_ < 0) fail_system("cannot write {}: {}", path.string(), std::strerror(errno));
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() { ::close(descriptor_); }

  const fs::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  int64_t size() const {
    struct stat status {};
    return ::fstat(descriptor_, &status) == 0 ? status.st_size : 0;
  }
  void clear() const {
    if (::ftruncate(descriptor_, 0) != 0) {
      fail_system("cannot write {}: {}", path_.string(), std::strerror(errno));
    }
  }
  void commit(const fs::path& file) const {
    if (::fsync(descriptor_) != 0 || ::rename(path_.c_str(), file.c_str()) != 0) {
      fail_system("cannot write {}: {}", file.string(), std::strerror(errno));
    }
  }

 private:
  fs::path path_;
  int descriptor_;
};

void require_room(const Download& what, const PartFile& part) {
  const int64_t missing = what.bytes - part.size();
  const uint64_t room = free_disk_bytes(part.path().parent_path());
  if (missing <= 0 || static_cast<uint64_t>(missing) <= room) return;
  fail_system("the disk must have room for {:.2f} GB to download. {} has {:.2f} GB left.",
              static_cast<double>(missing) / 1e9, part.path().parent_path().string(),
              static_cast<double>(room) / 1e9);
}

std::string digest_of(const Download& what, const fs::path& file, const Observer& observer) {
  if (what.sha256.empty()) return md5_of_file(file, observer);
  return file_hash(file, [&] { observer.stop_if_requested(); });
}

const char* digest_kind(const Download& what) {
  return what.sha256.empty() ? "MD5" : "SHA-256";
}
const std::string& wanted_digest(const Download& what) {
  return what.sha256.empty() ? what.md5 : what.sha256;
}

// "Place cifar-10-python.tar.gz (170.5 MB, from http…) in data by hand and run the command again."
std::string advice(const Download& what, const fs::path& file) {
  const std::string size =
      what.bytes > 0 ? format("{:.1f} MB, ", static_cast<double>(what.bytes) / 1e6) : "";
  const fs::path place = what.by_hand.empty() ? file : what.by_hand;
  const bool renamed = place.filename() != what.name();
  return format("Place {} ({}from {}) {} {} by hand and run the command again.", what.name(), size,
                what.url, renamed ? "at" : "in",
                renamed ? place.string() : place.parent_path().string());
}

void sleep_for(milliseconds pause, const Observer& observer) {
  const auto end = std::chrono::steady_clock::now() + pause;
  while (std::chrono::steady_clock::now() < end) {
    observer.stop_if_requested();
    std::this_thread::sleep_for(std::min(pause, milliseconds(50)));
  }
}

class Downloader {
 public:
  Downloader(const Download& what, const fs::path& file, const DownloadPatience& patience,
             const Observer& observer)
      : what_(what),
        file_(file),
        patience_(patience),
        observer_(observer),
        part_(file.string() + ".part") {}

  void run() {
    require_room(what_, part_);
    if (part_.size() > 0) {
      observer_.note(format("going on with the download of {} at {:.1f} MB", what_.url,
                            static_cast<double>(part_.size()) / 1e6));
    }
    resumed_ = part_.size() > 0;
    if (what_.bytes > 0 && part_.size() >= what_.bytes && verified(true)) return;
    while (!finished(attempt())) {
    }
  }

 private:
  HttpOutcome attempt() {
    const int64_t start = part_.size();
    resumed_ = resumed_ || start > 0;
    HttpAttempt attempt{.url = what_.url,
                        .descriptor = part_.descriptor(),
                        .start = start,
                        .expected_bytes = what_.bytes,
                        .stall = patience_.stall};
    if (!reached_) attempt.first_answer = std::max(time_left(), milliseconds(1));
    const HttpOutcome outcome = nolabel::run(attempt, observer_);
    reached_ = reached_ || outcome.kind != Kind::unreachable;
    return outcome;
  }

  milliseconds time_left() const {
    return std::chrono::duration_cast<milliseconds>(started_ + patience_.unreachable -
                                                    std::chrono::steady_clock::now());
  }

  // False when another attempt is to be made.
  bool finished(HttpOutcome outcome) {
    switch (outcome.kind) {
      case Kind::stopped:
        observer_.stop_if_requested();
        break;
      case Kind::refused:
        fail_system("{} cannot be downloaded: {}. {}", what_.url, outcome.reason,
                    advice(what_, file_));
      case Kind::unreachable:
        if (!reached_) require_another_try(outcome);
        break;
      case Kind::restart:
        part_.clear();
        break;
      case Kind::cut:
        break;
      case Kind::complete:
        if (verified(outcome.length_known)) return true;
        outcome.reason = "what arrived is not the whole file";
        break;
    }
    wait(outcome);
    return false;
  }

  // True when the whole file is in place; false when it is worth another try.
  bool verified(bool length_known) {
    const std::string digest = digest_of(what_, part_.path(), observer_);
    const std::string& wanted = wanted_digest(what_);
    if (digest.starts_with(wanted)) {
      part_.commit(file_);
      return true;
    }
    const int64_t size = part_.size();
    if (!length_known && size < what_.bytes) return false;  // it may have been cut
    part_.clear();
    if (resumed_ && !began_anew_) {
      observer_.note(
          format("the parts of {} do not fit together: it is downloaded anew", what_.url));
      began_anew_ = true;
      return false;
    }
    fs::remove(part_.path());
    fail_data(
        "{} is not the file that was published: its {} must be {}. It is {}, and the {} "
        "bytes were removed.",
        what_.url, digest_kind(what_), wanted, digest, size);
  }

  // Of a server that nothing was heard of in this call: one more time, if there is time for that.
  void require_another_try(const HttpOutcome& outcome) {
    if (fruitless_ == 0 && time_left() > patience_.pause) return;
    if (part_.size() == 0) fs::remove(part_.path());
    fail_system("{} cannot be downloaded: {}. Is there a network? {}", what_.url, outcome.reason,
                advice(what_, file_));
  }

  void wait(const HttpOutcome& outcome) {
    const bool further = part_.size() > furthest_;
    furthest_ = std::max(furthest_, part_.size());
    fruitless_ = further ? 1 : fruitless_ + 1;
    if (fruitless_ >= patience_.attempts) {
      fail_system(
          "{} cannot be downloaded: {}. nolabel tried {} times; the next run continues at {:.1f} "
          "MB. {}",
          what_.url, outcome.reason, fruitless_, static_cast<double>(part_.size()) / 1e6,
          advice(what_, file_));
    }
    milliseconds pause = patience_.pause * (1 << std::min(fruitless_ - 1, 16));
    pause = std::max(pause, milliseconds(outcome.retry_after));
    pause = std::min(pause, patience_.longest_pause);
    observer_.note(format("{}: {}; trying again in {:.1f} s", what_.url, outcome.reason,
                          static_cast<double>(pause.count()) / 1e3));
    sleep_for(pause, observer_);
  }

  const Download& what_;
  const fs::path& file_;
  const DownloadPatience& patience_;
  const Observer& observer_;
  PartFile part_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  bool reached_ = false;  // a server has answered in this call
  int64_t furthest_ = 0;  // bytes that any attempt got to
  int fruitless_ = 0;     // attempts in a row that got no further
  bool resumed_ = false;  // the part is of several attempts
  bool began_anew_ = false;
};

}  // namespace

void download(const Download& what, const fs::path& file, const DownloadPatience& patience,
              const Observer& observer) {
  if (fs::exists(file)) return require_digest(what, file, observer);
  Downloader(what, file, patience, observer).run();
}

std::string Download::name() const {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  return path.substr(path.rfind('/') + 1);
}

void require_digest(const Download& what, const fs::path& file, const Observer& observer) {
  const std::string digest = digest_of(what, file, observer);
  if (digest.starts_with(wanted_digest(what))) return;
  fail_data("{} must be the file of {}, whose {} is {}. It is another one ({}): remove it.",
            file.string(), what.url, digest_kind(what), wanted_digest(what), digest);
}

}  // namespace nolabel
