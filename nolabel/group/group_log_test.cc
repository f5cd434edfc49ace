#include "nolabel/group/group_log.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/group/group_testing.h"
#include "nolabel/group/message.h"

namespace nolabel {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing_group::run_as_group;

// The lines of both processes, by rank.
std::vector<std::string> logs_of(const std::function<void(Group& group)>& work) {
  const TemporaryDirectory folder;
  const auto file = [&](int rank) { return folder.path() / "logs" / std::to_string(rank); };
  try {
    run_as_group(2, [&](const std::shared_ptr<Group>& group) {
      group->write_to(std::make_shared<GroupLog>(file(group->rank())));
      work(*group);
    });
  } catch (const Error&) {  // is in the logs
  }
  return {read_file(file(0)), read_file(file(1))};
}

void send_message(Group& group, Message message) {
  broadcast(group, message);
}

TEST(GroupLog, TellsMessagesAndHowLongTheCallsBetweenThemTook) {
  const auto logs = logs_of([](Group& group) {
    send_message(group, {.subject = "embed",
                         .values = {{"rows", std::string(500, '7')}},
                         .tensors = {at::zeros({250'000})}});
    group.all_reduce({at::ones({10})});
    group.barrier();
    send_message(group, {.subject = "end"});
  });
  const std::string time = "[0-9-]+T[0-9:]+\\.[0-9][0-9][0-9]Z ";
  EXPECT_THAT(logs[0], ContainsRegex(time + "sends \"embed\" \\{\"rows\":\"7+… with 1.0 MB "
                                            "\\(since the message before: 0 calls, "));
  // The text in two parts and the tensor of the first message, and the two calls.
  EXPECT_THAT(logs[0], HasSubstr("sends \"end\" {} with 0 B (since the message before: 4 calls"));
  EXPECT_THAT(logs[1], ContainsRegex(time + "serves \"embed\" \\{\"rows\":\"7+… with 1.0 MB "
                                            "\\(waited for it [0-9]"));
  EXPECT_THAT(logs[1], ContainsRegex("serves \"end\" \\{\\} with 0 B \\(waited for it [0-9.]+ s; "
                                     "for the message before: 2 calls"));
  for (const std::string& log : logs) {
    EXPECT_THAT(log, Not(HasSubstr(std::string(300, '7'))));  // long values are cut
    EXPECT_THAT(log, Not(HasSubstr("waits for the others")));
  }
}

// While it waits, and not only afterwards.
TEST(GroupLog, TellsALongWaitWhileItLasts) {
  const TemporaryDirectory folder;
  std::string while_waiting;
  run_as_group(2, [&](const std::shared_ptr<Group>& group) {
    const auto file = folder.path() / std::to_string(group->rank());
    group->write_to(std::make_shared<GroupLog>(file));
    if (group->leads()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1600));
      while_waiting = read_file(folder.path() / "1");
    }
    group->all_reduce({at::ones({500'000})});
  });
  EXPECT_THAT(while_waiting, testing::EndsWith("Z waits for the others in all_reduce of 2.0 MB\n"));
  EXPECT_THAT(read_file(folder.path() / "1"),
              ContainsRegex("waited [1-9][0-9.]+ s for the others in all_reduce\n$"));
  EXPECT_EQ(read_file(folder.path() / "0"), "");
}

TEST(GroupLog, TellsWhoFailed) {
  const auto logs = logs_of([](Group& group) {
    if (group.leads()) return group.barrier();
    throw group.fail(Error(Fault::data, "bird.jpg cannot be read"));
  });
  EXPECT_THAT(logs[1], HasSubstr(" fails: bird.jpg cannot be read\n"));
  EXPECT_THAT(logs[0], HasSubstr(" the group has failed, because of process 1: bird.jpg cannot"));
}

TEST(GroupLog, EndsNoRunWhenTheDiskIsFull) {
  const GroupLog log("/dev/full");
  log.write("this line is lost");
}

TEST(GroupLog, IsRefusedWhereItCannotBeWritten) {
  const TemporaryDirectory folder;
  write_file(folder.path() / "file", "");
  EXPECT_THROW(GroupLog(folder.path() / "file" / "log"), Error);
}

TEST(GroupLog, KeepsWhatAnEarlierRunHasWritten) {
  const TemporaryDirectory folder;
  for (const char* run : {"first", "second"}) GroupLog(folder.path() / "log").write(run);
  EXPECT_THAT(read_file(folder.path() / "log"), ContainsRegex(" first\n.* second\n$"));
}

}  // namespace
}  // namespace nolabel
