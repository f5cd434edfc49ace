// A loop marked NOLABEL_CLONES is compiled for several instruction sets; the loader picks the best
// that the processor has. The arithmetic is the same in each: no contraction, no reordering.
// Sanitized builds have one version: their run-time is not up yet when the loader picks.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define NOLABEL_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define NOLABEL_CLONES
#endif
