// Marks the inline functions that the CPU and a GPU share: written once, compiled by both
// compilers. Those of views are equal bit for bit (multiply-adds are never contracted; see
// cmake/Toolchain.cmake).
#pragma once

#ifdef __CUDACC__
#define NOLABEL_HOST_DEVICE __host__ __device__
#else
#define NOLABEL_HOST_DEVICE
#endif
