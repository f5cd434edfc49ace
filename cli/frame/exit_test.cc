#include "cli/frame/exit.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <system_error>

#include "nolabel/base/error.h"

namespace nolabel::cli {
namespace {

struct Outcome {
  int code;
  std::string text;
  bool operator==(const Outcome&) const = default;
};
void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << outcome.code << ": " << outcome.text;
}

template <class Exception>
Outcome outcome_of(const Exception& exception) {
  ::testing::internal::CaptureStderr();
  const int code = guarded("scan", [&]() -> int { throw exception; });
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(Guarded, EveryFaultHasItsCodeAndOneLine) {
  EXPECT_EQ(guarded("scan", [] { return 7; }), 7);
  EXPECT_EQ(outcome_of(Error(Fault::usage, "no")), (Outcome{2, "nolabel scan: no\n"}));
  EXPECT_EQ(outcome_of(Error(Fault::data, "no")), (Outcome{3, "nolabel scan: no\n"}));
  EXPECT_EQ(outcome_of(Error(Fault::system, "no")), (Outcome{4, "nolabel scan: no\n"}));
  EXPECT_EQ(outcome_of(Error(Fault::stopped, "no")), (Outcome{75, "nolabel scan: no\n"}));
}

TEST(Guarded, NamesOfFilesCannotBreakTheLine) {
  EXPECT_EQ(outcome_of(Error(Fault::data, "a\nb\x1b[2J: no picture")),
            (Outcome{3, "nolabel scan: a?b?[2J: no picture\n"}));
}

TEST(Guarded, MemoryAndTheSystemAreNoDefects) {
  const Outcome no_memory{4, "nolabel scan: out of memory\n"};
  EXPECT_EQ(outcome_of(std::bad_alloc()), no_memory);
  EXPECT_EQ(outcome_of(std::runtime_error("[enforce fail] DefaultCPUAllocator: can't …\nframe")),
            no_memory);
  EXPECT_EQ(outcome_of(std::runtime_error("CUDA out of memory. Tried …")), no_memory);
  EXPECT_EQ(outcome_of(std::system_error(EAGAIN, std::generic_category())).code, 4);
}

TEST(Guarded, AnythingElseAsksForAReportWithoutAStackTrace) {
  const Outcome outcome = outcome_of(std::runtime_error("size mismatch\nframe #0: …"));
  EXPECT_EQ(outcome.code, 70);
  EXPECT_EQ(outcome.text,
            "nolabel scan: size mismatch\n"
            "This is a defect of nolabel. Please report it with the command that you ran.\n");
}

}  // namespace
}  // namespace nolabel::cli
