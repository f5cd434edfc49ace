#include "nolabel/model/onednn_operators.h"

namespace nolabel {

std::optional<c10::OperatorHandle> onednn_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchema({name, ""});
}

bool onednn_takes_bf16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

}  // namespace nolabel
