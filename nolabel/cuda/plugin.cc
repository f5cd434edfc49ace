// libnolabel_cuda.so: brings LibTorch's CUDA operators into a program that links only the CPU part.
//
// Loading it loads libtorch_cuda.so, whose operators register themselves; nothing here is called.
// nolabel/model/cuda.cc does so when there is a driver, so that everybody else starts quickly and
// needs none of CUDA's libraries.
