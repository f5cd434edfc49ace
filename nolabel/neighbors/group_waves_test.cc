// Both searches of a group, of rows in each other and of queries in other rows: what happens
// between two waves.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/neighbors/group_search_testing.h"

namespace nolabel {
namespace {

using testing_search::ends_with;

struct DividedCase {
  const char* name;
  int64_t images;  // whose progress is shown
  // With no memory to spare a wave is a block, so there are many.
  Nearest (*search)(const SearchOptions& options, const Observer& observer);
};
void PrintTo(const DividedCase& divided, std::ostream* out) {
  *out << divided.name;
}

class DividedSearchWaves : public testing::TestWithParam<DividedCase> {
 protected:
  void search(const std::shared_ptr<Group>& group) const {
    GetParam().search({.count = 3, .memory_bytes = 0, .group = group}, observer);
  }
  // What the search in a group of two ends with.
  std::exception_ptr end() const {
    return ends_with([&](const std::shared_ptr<Group>& group) { search(group); });
  }

  Observer observer;
};

TEST_P(DividedSearchWaves, ReportProgress) {
  std::vector<int64_t> done;
  observer.progress = [&](const Progress& progress) {
    done.push_back(progress.done);
    EXPECT_EQ(progress.total, GetParam().images);
  };
  EXPECT_FALSE(end());
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_GT(done.size(), 10);
  EXPECT_EQ(done.back(), GetParam().images);
}

TEST_P(DividedSearchWaves, StopOnRequest) {
  int seen = 0;
  observer.progress = [&](const Progress&) {
    if (++seen == 3) observer.cancel.request();
  };
  const std::exception_ptr stopped = end();
  ASSERT_TRUE(stopped);
  try {
    std::rethrow_exception(stopped);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::stopped);
  }
  EXPECT_EQ(seen, 3);
}

TEST_P(DividedSearchWaves, LeaveTheGroupWholeWhenAnObserverThrows) {
  observer.progress = [](const Progress&) { throw std::logic_error("the page is gone"); };
  const std::exception_ptr thrown = end();
  ASSERT_TRUE(thrown);
  EXPECT_THROW(std::rethrow_exception(thrown), std::logic_error);
}

// A worker that cannot go on says so (Group::fail); the leader learns it within the wave.
TEST_P(DividedSearchWaves, EndWhenAWorkerFails) {
  try {
    testing_group::run_as_group(2, [&](const std::shared_ptr<Group>& group) {
      if (group->leads()) {
        search(group);
        ADD_FAILURE() << "the leader went on alone";
      } else {
        Message message;
        broadcast(*group, message);
        broadcast(*group, message);
        throw group->fail(Error(Fault::system, "the disk is full"));
      }
    });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::system);
    EXPECT_STREQ(error.what(), "process 1 of 2: the disk is full");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, DividedSearchWaves,
    testing::Values(
        DividedCase{"EachOther", 5000,
                    [](const SearchOptions& options, const Observer& observer) {
                      return find_nearest_to_each_other(at::ones({5000, 4}), options, observer);
                    }},
        DividedCase{
            "Queries", 2000,
            [](const SearchOptions& options, const Observer& observer) {
              return find_nearest(at::ones({2000, 4}), at::ones({5000, 4}), options, observer);
            }}),
    [](const auto& divided) { return divided.param.name; });

}  // namespace
}  // namespace nolabel
