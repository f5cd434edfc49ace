#include "nolabel/group/message.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "nolabel/group/group_testing.h"

namespace nolabel {
namespace {

using testing_group::run_as_group;

TEST(Message, ArrivesAsItWasSent) {
  run_as_group(3, [](const std::shared_ptr<Group>& group) {
    Message message;
    const std::string long_text(5000, 'x'), any_bytes("\xff\0x", 3);
    if (group->leads()) {
      message = {.subject = "embed",
                 .values = {{"seed", 7}, {"long", long_text}},
                 .tensors = {at::arange(6, at::kLong).view({2, 3}).t(), at::empty({0, 4}),
                             at::full({}, 2.5, at::kDouble), tensor_of_text(any_bytes)}};
    }
    broadcast(*group, message);
    EXPECT_EQ(message.subject, "embed");
    EXPECT_EQ(message.values["seed"], 7);
    EXPECT_EQ(message.values["long"], long_text);
    ASSERT_EQ(message.tensors.size(), 4u);
    EXPECT_TRUE(at::equal(message.tensors[0], at::arange(6, at::kLong).view({2, 3}).t()));
    EXPECT_EQ(message.tensors[1].sizes(), at::IntArrayRef({0, 4}));
    EXPECT_EQ(message.tensors[2].item<double>(), 2.5);
    EXPECT_EQ(text_of(message.tensors[3]), any_bytes);
  });
}

TEST(Message, OfOneProcessStaysAsItIs) {
  Message message{.subject = "step"};
  broadcast(*single_process(), message);
  EXPECT_EQ(message.subject, "step");
}

TEST(Message, TakesPlainValuesAsTheyAre) {
  struct Plain {
    int a;
    double b;
  };
  const auto plain = value_of<Plain>(tensor_of_value(Plain{3, 0.25}));
  EXPECT_EQ(plain.a, 3);
  EXPECT_EQ(plain.b, 0.25);
}

// A worker's error is the leader's, too, and every other worker's; the message names the process.
TEST(Group, FailsAsTheFirstProcessDid) {
  std::vector<std::string> messages(3);
  run_as_group(3, [&](const std::shared_ptr<Group>& group) {
    try {
      if (group->rank() == 1) throw Error(Fault::data, "bird.jpg cannot be read");
      group->barrier();
      FAIL();
    } catch (const Error& error) {
      const Error first = group->fail(error);
      EXPECT_EQ(first.fault(), Fault::data);
      messages[group->rank()] = first.what();
    }
    group->leave();
  });
  EXPECT_THAT(messages, testing::Each("process 1 of 3: bird.jpg cannot be read"));
}

// A signal may reach a worker only.
TEST(Group, StopsWhereAWorkerIsAskedToStop) {
  const auto store = c10::make_intrusive<c10d::HashStore>();
  std::vector<CancelToken> tokens(2);
  std::vector<std::thread> ranks;
  for (int rank = 0; rank < 2; ++rank) {
    ranks.emplace_back([&, rank] {
      const auto group = connect_in(
          store,
          {.rank = rank, .size = 2, .interface_address = "127.0.0.1", .cancel = tokens[rank]});
      if (rank == 1) tokens[1].request();
      // Both stay until then: a worker that has left shows nothing more.
      for (int i = 0; i < 100 && !tokens[0].requested(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      group->leave();
    });
  }
  for (std::thread& rank : ranks) rank.join();
  EXPECT_TRUE(tokens[0].requested());
}

}  // namespace
}  // namespace nolabel
