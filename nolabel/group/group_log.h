// What one process of a group does, as lines of a file: the messages that it sends or serves, and
// where it waits for the others. For people who look for the cause of a hang: a message is written
// before it is sent or served, and a call of the group as soon as it has taken a second. So the
// last line of each process shows where it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace nolabel {

struct Message;

// One thread writes.
class GroupLog {
 public:
  GroupLog() = default;  // keeps nothing, at no cost
  // Creates the file with its folders, or appends to it. Throws Error(Fault::system) when it cannot
  // be written.
  explicit GroupLog(const std::filesystem::path& file);

  // A line with the time (UTC). A line that cannot be written, because the disk is full, is left
  // out: a log ends no run.
  void write(std::string_view line) const;

  void sends(const Message& message);
  void waits_for_message();
  void serves(const Message& message);  // that it has waited for

  // One call of the group, such as all_reduce, from its beginning to its end.
  class Call {
   public:
    Call(GroupLog& log, const char* name, int64_t bytes);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();
    // Again and again while it is not complete.
    void still_waits();

   private:
    double seconds() const;

    GroupLog& log_;
    const char* const name_;
    const int64_t bytes_;
    const std::chrono::steady_clock::time_point start_;
    bool told_ = false;  // that it takes long
  };

 private:
  struct Calls {
    int count = 0;
    double seconds = 0;
  };
  void message(const char* verb, const Message& message, const std::string& before) const;

  const std::filesystem::path file_{};
  Calls calls_;           // since the last message
  Calls before_message_;  // when it began to wait for a message
};

}  // namespace nolabel
