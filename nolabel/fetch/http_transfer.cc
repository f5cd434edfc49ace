#include "nolabel/fetch/http_transfer.h"

#include <curl/curl.h>
#include <signal.h>
#include <strings.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/fetch/certificates.h"
#include "nolabel/record/progress_meter.h"

namespace nolabel {
namespace {

constexpr int64_t megabyte = 1'000'000;
constexpr long most_redirects = 10;

// A connection that the other side closed must not end the process. The library installs no signal
// handlers, so SIGPIPE is blocked in this thread and taken back.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;
  ~NoSigpipe() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{}, before_{};
};

// "bytes 100-199/200" begins at 100.
std::optional<int64_t> first_byte(std::string_view content_range) {
  const size_t digits = content_range.find_first_of("0123456789");
  if (digits == content_range.npos) return std::nullopt;
  int64_t first = 0;
  const char* begin = content_range.data() + digits;
  const auto [end, error] =
      std::from_chars(begin, content_range.data() + content_range.size(), first);
  if (error != std::errc() || end == content_range.data() + content_range.size() || *end != '-') {
    return std::nullopt;
  }
  return first;
}

class Transfer {
 public:
  Transfer(const HttpAttempt& attempt, const Observer& observer)
      : attempt_(attempt), observer_(observer), curl_(curl_easy_init(), curl_easy_cleanup) {
    NOLABEL_ASSERT(curl_ != nullptr);
    set(CURLOPT_URL, attempt.url.c_str());
    if (attempt.start > 0) set(CURLOPT_RANGE, format("{}-", attempt.start).c_str());
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, most_redirects);
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    set(CURLOPT_PROTOCOLS, long{CURLPROTO_HTTP | CURLPROTO_HTTPS});
    set(CURLOPT_REDIR_PROTOCOLS, long{CURLPROTO_HTTP | CURLPROTO_HTTPS});
#endif
    set(CURLOPT_FAILONERROR, 1L);  // the page that comes with an error is no part of the file
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_USERAGENT, "nolabel");
    const std::string certificates = certificate_file(certificate_places());
    if (!certificates.empty()) set(CURLOPT_CAINFO, certificates.c_str());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(attempt.first_answer.count()));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's consent is not yet an answer
#if LIBCURL_VERSION_NUM >= 0x075700
    set(CURLOPT_QUICK_EXIT, 1L);  // else the end waits for a name server that never answers
#endif
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(attempt.stall.count()));
    set(CURLOPT_ERRORBUFFER, message_);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_XFERINFOFUNCTION, on_progress);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_WRITEFUNCTION, on_bytes);
  }

  HttpOutcome perform() {
    const NoSigpipe guard;
    const CURLcode code = curl_easy_perform(curl_.get());
    if (write_error_ != 0) {
      fail_system("the download cannot be written: {}", std::strerror(write_error_));
    }
    if (observer_.cancel.requested()) return {.kind = HttpOutcome::Kind::stopped};
    if (too_late_) {
      return {.kind = HttpOutcome::Kind::unreachable,
              .reason = format("no answer within {:.1f} s",
                               static_cast<double>(attempt_.first_answer.count()) / 1e3)};
    }
    if (wrong_range_) {
      return {.kind = HttpOutcome::Kind::restart,
              .reason = "the server sent another part of the file"};
    }
    if (too_long_)
      return {.kind = HttpOutcome::Kind::refused, .reason = "it is longer than what was published"};
    const long status = response_status();
    if (code == CURLE_OK) {
      if (!began_ && status != 206) truncate();
      return {.kind = HttpOutcome::Kind::complete, .length_known = length_known_};
    }
    const std::string reason = *message_ != '\0' ? message_ : curl_easy_strerror(code);
    if (code == CURLE_HTTP_RETURNED_ERROR) {
      const std::string answer = format("the server answers {}", status);
      if (status == 416 && attempt_.start > 0)
        return {.kind = HttpOutcome::Kind::restart, .reason = answer};
      const bool passing = status == 408 || status == 429 || status >= 500;
      return {.kind = passing ? HttpOutcome::Kind::cut : HttpOutcome::Kind::refused,
              .reason = answer,
              .retry_after = retry_after()};
    }
    if (is_final(code)) return {.kind = HttpOutcome::Kind::refused, .reason = reason};
    return {.kind = answered_ ? HttpOutcome::Kind::cut : HttpOutcome::Kind::unreachable,
            .reason = reason};
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    NOLABEL_ASSERT(curl_easy_setopt(curl_.get(), option, value) == CURLE_OK);
  }

  long response_status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  std::chrono::seconds retry_after() const {
    curl_off_t seconds = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RETRY_AFTER, &seconds);
    return std::chrono::seconds(seconds);
  }

  // Trying again would not help.
  static bool is_final(CURLcode code) {
    return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
           code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_PEER_FAILED_VERIFICATION ||
           code == CURLE_SSL_CACERT_BADFILE;
  }

  void truncate() {
    if (::ftruncate(attempt_.descriptor, 0) != 0) write_error_ = errno;
    position_ = 0;
  }

  // Before the first byte: where does it belong? False when nowhere.
  bool begin() {
    began_ = true;
    if (response_status() == 206 && attempt_.start > 0) {
      position_ = attempt_.start;
      wrong_range_ = first_byte(content_range_) != attempt_.start;
    } else {
      truncate();
    }
    curl_off_t length = -1;
    curl_easy_getinfo(curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    length_known_ = length >= 0;
    const int64_t total = length >= 0 ? position_ + length : attempt_.expected_bytes;
    meter_.emplace("download", "MB", total / megabyte, position_ / megabyte);
    return !wrong_range_ && write_error_ == 0;
  }

  bool write(const char* bytes, size_t count) {
    if (!began_ && !begin()) return false;
    while (count > 0) {
      const ssize_t written = ::pwrite(attempt_.descriptor, bytes, count, position_);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        write_error_ = errno;
        return false;
      }
      bytes += written;
      count -= static_cast<size_t>(written);
      position_ += written;
    }
    report();
    too_long_ = attempt_.expected_bytes > 0 && position_ > 2 * attempt_.expected_bytes;
    return !too_long_;
  }

  void report() {
    const auto now = ProgressMeter::Clock::now();
    if (!observer_.progress || now - reported_ < std::chrono::milliseconds(100)) return;
    reported_ = now;
    observer_.progress(meter_->update(position_ / megabyte));
  }

  void header(std::string_view line) {
    constexpr std::string_view name("content-range:");
    if (line.starts_with("HTTP/")) {
      content_range_.clear();  // of a redirection before
      const long status = response_status();
      answered_ = status < 300 || status >= 400;
    }
    if (line.size() > name.size() && ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
      content_range_ = line.substr(name.size());
    }
  }

  static size_t on_bytes(char* bytes, size_t size, size_t count, void* self) {
    return static_cast<Transfer*>(self)->write(bytes, size * count) ? size * count : 0;
  }
  static size_t on_header(char* line, size_t size, size_t count, void* self) {
    static_cast<Transfer*>(self)->header({line, size * count});
    return size * count;
  }
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->must_end() ? 1 : 0;
  }
  // libcurl asks at least once a second.
  bool must_end() {
    too_late_ = !answered_ && ProgressMeter::Clock::now() - started_ > attempt_.first_answer;
    return too_late_ || observer_.cancel.requested();
  }

  const HttpAttempt& attempt_;
  const Observer& observer_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
  char message_[CURL_ERROR_SIZE] = "";
  std::string content_range_;
  const ProgressMeter::Clock::time_point started_ = ProgressMeter::Clock::now();
  bool answered_ = false;  // by the server that has the file, not by one that redirects
  bool too_late_ = false;
  bool began_ = false, wrong_range_ = false, length_known_ = false;
  bool too_long_ = false;  // no server may fill the disk
  int write_error_ = 0;
  int64_t position_ = 0;  // where the next byte goes
  std::optional<ProgressMeter> meter_;
  ProgressMeter::Clock::time_point reported_;
};

}  // namespace

HttpOutcome run(const HttpAttempt& attempt, const Observer& observer) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  NOLABEL_ASSERT(initialised == CURLE_OK);
  return Transfer(attempt, observer).perform();
}

}  // namespace nolabel
