// For tests: a search that the leader of a group begins, and whose workers help.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "nolabel/group/group_testing.h"
#include "nolabel/neighbors/group_queries.h"
#include "nolabel/neighbors/group_search.h"

namespace nolabel::testing_search {

// What the leader returns; the workers help with the one search that it begins.
template <class Lead>
auto lead_group(int size, const Lead& lead) {
  std::optional<decltype(lead(single_process()))> result;
  testing_group::run_as_group(size, [&](const std::shared_ptr<Group>& group) {
    if (group->leads()) {
      result = lead(group);
    } else {
      Message begin;
      broadcast(*group, begin);
      if (begin.subject == queries_subject) {
        help_to_search_queries(*group, begin);
      } else {
        ASSERT_EQ(begin.subject, nearest_subject);
        help_to_search(*group, begin);
      }
    }
    group->barrier();  // all have come back, and the group can be used
  });
  return std::move(*result);
}

// What the leader's search ends with, in a group that can be used after it.
template <class Lead>
std::exception_ptr ends_with(const Lead& lead) {
  return lead_group(2, [&](const std::shared_ptr<Group>& group) {
    try {
      lead(group);
      return std::exception_ptr{};
    } catch (...) {
      return std::current_exception();
    }
  });
}

inline void expect_same(const Nearest& nearest, const Nearest& expected) {
  EXPECT_EQ(nearest.indices.values, expected.indices.values);
  EXPECT_EQ(nearest.similarities.values, expected.similarities.values);
}

}  // namespace nolabel::testing_search
