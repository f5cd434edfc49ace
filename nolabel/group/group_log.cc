#include "nolabel/group/group_log.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/group/message.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// A call that takes longer is written.
constexpr double long_call_seconds = 1;
// Of a message's values: some name thousands of images.
constexpr size_t shown_characters = 200;

// "2026-11-27T13:35:17.123Z": the clocks of machines in different time zones show the same.
std::string time_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return format("{}.{:03}Z", std::string_view(text, size), milliseconds % 1000);
}

std::string size_text(int64_t bytes) {
  if (bytes < 1000) return format("{} B", bytes);
  const auto size = static_cast<double>(bytes);
  return bytes < 1'000'000 ? format("{:.1f} kB", size / 1e3) : format("{:.1f} MB", size / 1e6);
}

}  // namespace

GroupLog::GroupLog(const fs::path& file) : file_(file) {
  if (file.has_parent_path()) make_directory(file.parent_path());
  append_to_file(file, "", Flush::later);
}

void GroupLog::write(std::string_view line) const {
  if (file_.empty()) return;
  try {
    append_to_file(file_, format("{} {}\n", time_now(), line), Flush::later);
  } catch (const Error&) {
  }
}

void GroupLog::message(const char* verb, const Message& message, const std::string& before) const {
  std::string values = message.values.dump();
  if (values.size() > shown_characters) values = values.substr(0, shown_characters) + "…";
  int64_t bytes = 0;
  for (const at::Tensor& tensor : message.tensors) bytes += tensor.nbytes();
  write(
      format("{} \"{}\" {} with {} ({})", verb, message.subject, values, size_text(bytes), before));
}

void GroupLog::sends(const Message& message) {
  if (file_.empty()) return;
  const Calls before = std::exchange(calls_, {});
  this->message(
      "sends", message,
      format("since the message before: {} calls, {:.3f} s in them", before.count, before.seconds));
}

void GroupLog::waits_for_message() {
  before_message_ = std::exchange(calls_, {});
}

void GroupLog::serves(const Message& message) {
  if (file_.empty()) return;
  const Calls waited = std::exchange(calls_, {});
  this->message("serves", message,
                format("waited for it {:.3f} s; for the message before: {} calls, {:.3f} s in them",
                       waited.seconds, before_message_.count, before_message_.seconds));
}

GroupLog::Call::Call(GroupLog& log, const char* name, int64_t bytes)
    : log_(log), name_(name), bytes_(bytes), start_(std::chrono::steady_clock::now()) {}

double GroupLog::Call::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void GroupLog::Call::still_waits() {
  if (told_ || seconds() < long_call_seconds) return;
  told_ = true;
  log_.write(format("waits for the others in {} of {}", name_, size_text(bytes_)));
}

GroupLog::Call::~Call() {
  const double took = seconds();
  ++log_.calls_.count;
  log_.calls_.seconds += took;
  if (told_) log_.write(format("waited {:.1f} s for the others in {}", took, name_));
}

}  // namespace nolabel
