#include "nolabel/group/group.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>

#include "nolabel/base/error.h"
#include "nolabel/group/group_testing.h"
#include "nolabel/group/message.h"

namespace nolabel {
namespace {

using testing_group::run_as_group;

TEST(Share, CoversAllOnceInOrder) {
  for (const int64_t count : {0, 1, 2, 7, 12, 13}) {
    int64_t next = 0, least = count, most = 0;
    for (int rank = 0; rank < 5; ++rank) {
      const Share share = share_of(count, rank, 5);
      EXPECT_EQ(share.begin, next);
      next += share.size;
      least = std::min(least, share.size);
      most = std::max(most, share.size);
    }
    EXPECT_EQ(next, count);
    EXPECT_LE(most - least, 1);
  }
}

TEST(Group, OfOneProcessChangesNothing) {
  const auto group = single_process();
  at::Tensor x = at::ones({3});
  group->all_reduce({x});
  group->broadcast(x);
  group->barrier();
  EXPECT_TRUE(at::equal(group->all_gather(x, 3), at::ones({3})));
  EXPECT_TRUE(group->leads());
}

TEST(Group, AddsUpTensorsOfAnyShape) {
  run_as_group(3, [](const std::shared_ptr<Group>& group) {
    const double rank = group->rank();
    at::Tensor a = at::full({2, 3}, rank, at::kDouble), b = at::full({5}, 10 * rank, at::kDouble);
    at::Tensor scalar = at::full({}, rank, at::kDouble);
    const at::Tensor turned = a.t();  // not contiguous
    group->all_reduce({turned, b, scalar});
    EXPECT_TRUE(at::equal(a, at::full({2, 3}, 3, at::kDouble)));
    EXPECT_TRUE(at::equal(b, at::full({5}, 30, at::kDouble)));
    EXPECT_EQ(scalar.item<double>(), 3);
    group->all_reduce({});
  });
}

// Small tensors are exchanged, large ones go around; neither may leave the processes with different
// weights.
TEST(Group, SumsAreTheSameBitsInAllProcesses) {
  for (const int64_t count : {1, 1001, 300'001}) {
    run_as_group(3, [count](const std::shared_ptr<Group>& group) {
      const auto part = [count](int rank) {
        return at::sin(at::arange(1, count + 1, at::kFloat) * (1.7 + rank)) *
               std::pow(10, 3 * rank);
      };
      const at::Tensor sum = part(group->rank());
      group->all_reduce({sum});
      const at::Tensor exact =
          part(0).to(at::kDouble) + part(1).to(at::kDouble) + part(2).to(at::kDouble);
      EXPECT_LT((sum - exact).abs().max().item<double>(), 0.2);  // of parts up to 1e6
      const at::Tensor of_all = group->all_gather(sum.unsqueeze(0), group->size());
      EXPECT_TRUE(at::equal(of_all[1], of_all[0]));
      EXPECT_TRUE(at::equal(of_all[2], of_all[0]));
    });
  }
}

TEST(Group, AddsUpNumbersOfEveryKind) {
  run_as_group(3, [](const std::shared_ptr<Group>& group) {
    for (const at::ScalarType type :
         {at::kDouble, at::kFloat, at::kBFloat16, at::kHalf, at::kLong, at::kInt}) {
      at::Tensor few = at::full({3}, 1 + group->rank(), type), none = at::empty({0}, type);
      group->all_reduce({few});
      EXPECT_TRUE(at::equal(few, at::full({3}, 6, type))) << type;
      group->all_reduce({none});
    }
    at::Tensor leaf = at::ones({3}, at::TensorOptions().requires_grad(true));
    group->all_reduce({leaf});
    EXPECT_TRUE(at::equal(leaf.detach(), at::full({3}, 3.0F)));
  });
}

// A backward pass may begin them at other places in other processes.
TEST(Group, BegunSumsNeedNoOrderWithOtherCalls) {
  run_as_group(2, [](const std::shared_ptr<Group>& group) {
    at::Tensor a = at::full({1000}, 1 + group->rank(), at::kFloat), b = a * 10, c = a * 100;
    std::vector<std::unique_ptr<PendingSum>> sums;
    if (group->leads()) {
      sums.push_back(group->begin_sum(a));
      sums.push_back(group->begin_sum(b));
    }
    group->all_reduce({c});
    EXPECT_TRUE(at::equal(c, at::full({1000}, 300, at::kFloat)));
    if (!group->leads()) {
      sums.push_back(group->begin_sum(a));
      sums.push_back(group->begin_sum(b));
    }
    for (const auto& sum : sums) sum->finish();
    EXPECT_TRUE(at::equal(a, at::full({1000}, 3, at::kFloat)));
    EXPECT_TRUE(at::equal(b, at::full({1000}, 30, at::kFloat)));
  });
}

TEST(Group, TellsTheLeaderAlone) {
  run_as_group(4, [](const std::shared_ptr<Group>& group) {
    const auto words = [](int rank) { return std::string(rank == 2 ? 0 : rank * 1000, 'x'); };
    for (int time = 0; time < 2; ++time) {
      if (!group->leads()) {
        tell_leader(*group, words(group->rank()));
        continue;
      }
      int heard = 0;
      hear_all(*group, [&](int rank, Bytes told) {
        EXPECT_EQ(rank, ++heard);
        EXPECT_EQ(as_text(told), words(rank));
      });
      EXPECT_EQ(heard, 3);
    }
  });
}

TEST(Group, EndsTheWaitForOneThatFails) {
  EXPECT_THROW(run_as_group(2,
                            [](const std::shared_ptr<Group>& group) {
                              if (!group->leads()) {
                                throw group->fail(Error(Fault::data, "cannot go on"));
                              }
                              group->receive_from(1, at::zeros({8}, at::kByte));
                            }),
               Error);
}

TEST(Group, GathersUnequalSharesInOrderWithTheirGradient) {
  run_as_group(3, [](const std::shared_ptr<Group>& group) {
    for (const int64_t count : {7, 3, 2, 1}) {
      const Share own = group->share(count);
      at::Tensor rows =
          at::arange(own.begin, own.begin + own.size, at::kDouble).view({-1, 1}).repeat({1, 2});
      rows.requires_grad_();
      const at::Tensor all = group->all_gather(rows * 2, count);
      EXPECT_TRUE(at::equal(all.detach().select(1, 0), 2 * at::arange(count, at::kDouble)));
      const at::Tensor weights = at::arange(1, count + 1, at::kDouble).view({-1, 1});
      (all * weights).sum().backward();
      EXPECT_TRUE(at::equal(rows.grad().select(1, 0),
                            2 * at::arange(own.begin + 1, own.begin + own.size + 1, at::kDouble)));
    }
  });
}

TEST(Group, TakesWhatTheLeaderHas) {
  run_as_group(2, [](const std::shared_ptr<Group>& group) {
    at::Tensor x = at::full({4, 2}, group->rank() + 5).t();
    group->broadcast(x);
    group->barrier();
    EXPECT_TRUE(at::equal(x, at::full({2, 4}, 5)));
  });
}

TEST(Group, SaysThatAnotherIsGone) {
  std::string message;
  run_as_group(2, [&message](const std::shared_ptr<Group>& group) {
    if (group->rank() == 1) return;  // ends
    try {
      at::Tensor x = at::ones({1});
      group->all_reduce({x});
      group->all_reduce({x});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::system);
      message = error.what();
    }
  });
  EXPECT_THAT(message, testing::AllOf(testing::HasSubstr("process 1 of 2"),
                                      testing::HasSubstr("has shown no life")));
}

TEST(Group, ThatIsNotCompleteIsAnError) {
  const auto store = c10::make_intrusive<c10d::HashStore>();
  try {
    connect_in(store, {.rank = 0,
                       .size = 2,
                       .interface_address = "127.0.0.1",
                       .meeting = std::chrono::milliseconds(300)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_THAT(error.what(), testing::HasSubstr("process 0 of 2 has not met the others"));
  }
}

}  // namespace
}  // namespace nolabel
