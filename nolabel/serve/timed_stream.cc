#include "nolabel/serve/timed_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace nolabel {
namespace {

// Together they must leave much of the 200 ms within which the server has to end.
constexpr std::chrono::milliseconds look_again(20);
constexpr std::chrono::milliseconds last_writes(50);

}  // namespace

TimedStream::TimedStream(Connection& connection, std::chrono::milliseconds patience,
                         const std::atomic<bool>& stopping)
    : connection_(connection),
      patience_(patience),
      stopping_(stopping),
      until_(ServeClock::now() + patience) {}

TimedStream::~TimedStream() {
  connection_.received.erase(0, used_);
}

ssize_t TimedStream::read(char* to, size_t size) {
  const std::string& received = connection_.received;
  if (used_ < received.size()) {
    const size_t count = std::min(size, received.size() - used_);
    std::copy_n(received.data() + used_, count, to);
    used_ += count;
    return static_cast<ssize_t>(count);
  }
  while (wait(POLLIN)) {
    const ssize_t count = ::recv(connection_.socket.get(), to, size, 0);
    if (count >= 0 || (errno != EAGAIN && errno != EINTR)) return count;
  }
  return -1;
}

ssize_t TimedStream::write(const char* from, size_t size) {
  if (!writing_) until_ = ServeClock::now() + patience_;  // the handler's time does not count
  writing_ = true;
  while (wait(POLLOUT)) {
    // A browser that has gone must not end the process by SIGPIPE.
    const ssize_t count = ::send(connection_.socket.get(), from, size, MSG_NOSIGNAL);
    if (count >= 0 || (errno != EAGAIN && errno != EINTR)) return count;
  }
  return -1;
}

// Until it can be read or written, or is broken, which the call that follows tells.
bool TimedStream::wait(short event) {
  while (true) {
    const ServeClock::time_point now = ServeClock::now();
    if (stopping_ && !writing_) return false;
    if (stopping_ && !hurried_) {
      until_ = std::min(until_, now + last_writes);
      hurried_ = true;
    }
    if (now >= until_) return false;
    pollfd socket{.fd = connection_.socket.get(), .events = event, .revents = 0};
    if (::poll(&socket, 1, static_cast<int>(look_again.count())) > 0) return true;
  }
}

}  // namespace nolabel
