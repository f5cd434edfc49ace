// Private to this folder: the way out of libjpeg and libpng, which report a fatal error through a
// callback that must not return.
//
// The callback calls leave(), which jumps back into run(). Only C frames and the step itself are
// jumped over, so a step may own nothing that has a destructor: it captures references to what its
// caller owns.
#pragma once

#include <csetjmp>
#include <cstdio>
#include <type_traits>

namespace nolabel {

class Escape {
 public:
  // Runs step(); false when it ended in leave(), and then message() says why.
  template <class Step>
  [[nodiscard]] bool run(Step step) {
    static_assert(std::is_trivially_destructible_v<Step>);
    if (setjmp(point_) != 0) return false;
    step();
    return true;
  }

  // Only from inside a step.
  [[noreturn]] void leave(const char* message) {
    std::snprintf(message_, sizeof message_, "%s", message);
    std::longjmp(point_, 1);
  }

  const char* message() const { return message_; }

 private:
  std::jmp_buf point_;
  char message_[256] = "";
};

}  // namespace nolabel
